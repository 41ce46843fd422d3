/** Pauses a run without ending it. */

/** A run waits at the gate before each record. Records that are already in progress are finished. */
export interface PauseGate {
  /** Resolves at once, or when the pause ends. @throws the signal's reason as soon as it aborts. */
  wait(signal?: AbortSignal): Promise<void>;
}

export interface PauseSwitch extends PauseGate {
  readonly paused: boolean;
  /** Idempotent, like `resume`. */
  pause(): void;
  resume(): void;
}

export function createPauseSwitch(): PauseSwitch {
  let pause: { readonly over: Promise<void>; end(): void } | undefined;
  return {
    get paused() {
      return pause !== undefined;
    },
    pause() {
      if (pause) return;
      let end = (): void => undefined;
      const over = new Promise<void>((resolve) => (end = resolve));
      pause = { over, end };
    },
    resume() {
      pause?.end();
      pause = undefined;
    },
    async wait(signal) {
      // It may have been paused again in the meantime.
      while (pause) await untilAborted(pause.over, signal);
      signal?.throwIfAborted();
    },
  };
}

// --- Internal helpers ---

async function untilAborted(over: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => {
      reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', abort, { once: true });
  });
  try {
    await Promise.race([over, aborted]);
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}
