/** The clock of the simulated platforms: the system clock, or one that a test advances. */

export interface PlatformClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs `action` once, `delay` ms from now, unless the returned function is called before. */
  after(delay: number, action: () => void): () => void;
}

export interface MovableClock extends PlatformClock {
  /** Moves time forward by `duration` ms, and runs what falls due in order. */
  advance(duration: number): void;
}

export const systemClock: PlatformClock = {
  now: () => Date.now(),
  after(delay, action) {
    const timer = setTimeout(action, delay);
    return () => {
      clearTimeout(timer);
    };
  },
};

/** A clock that stands still until `advance` is called. @param start in milliseconds since 1970. */
export function createManualClock(start = Date.UTC(2026, 9, 1)): MovableClock {
  return createMovableClock(() => start);
}

/** Real time plus every `advance`. What `after` delays runs by `advance` only. */
export function createJumpingClock(): MovableClock {
  return createMovableClock(() => Date.now());
}

// --- Internal helpers ---

function createMovableClock(base: () => number): MovableClock {
  let jumped = 0;
  const due = new Set<{ readonly at: number; readonly action: () => void }>();
  const now = (): number => base() + jumped;
  return {
    now,
    after(delay, action) {
      const entry = { at: now() + delay, action };
      due.add(entry);
      return () => {
        due.delete(entry);
      };
    },
    advance(duration) {
      if (duration < 0) throw new RangeError(`A clock only moves forward; got ${duration} ms.`);
      const target = jumped + duration;
      const end = now() + duration;
      for (;;) {
        const [next] = [...due].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (next === undefined) break;
        due.delete(next);
        jumped = Math.max(jumped, next.at - base());
        next.action();
      }
      jumped = Math.max(jumped, target);
    },
  };
}
