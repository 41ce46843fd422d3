/** Holds a run back without ending it. */

/** What a run asks before each piece of work. What is in work already is finished. */
export interface PauseGate {
  /** Resolves at once, or when the pause is over. @throws the signal's reason as soon as it aborts. */
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
      // Paused anew while it waited: it waits on.
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
