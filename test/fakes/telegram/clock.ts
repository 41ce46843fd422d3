/** The fake's only source of time: the system's by default, or one that a test moves by hand. */

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs `action` once, `delay` ms from now; the result takes it back. */
  after(delay: number, action: () => void): () => void;
}

export interface ManualClock extends Clock {
  /** Moves time forward by `duration` ms, running what falls due in order. */
  advance(duration: number): void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delay, action) {
    const timer = setTimeout(action, delay);
    return () => {
      clearTimeout(timer);
    };
  },
};

/** A clock that stands still until `advance` is called. `start` is in ms since 1970. */
export function createManualClock(start = Date.UTC(2026, 9, 1)): ManualClock {
  let now = start;
  const due = new Set<{ at: number; action: () => void }>();
  return {
    now: () => now,
    after(delay, action) {
      const entry = { at: now + delay, action };
      due.add(entry);
      return () => {
        due.delete(entry);
      };
    },
    advance(duration) {
      const end = now + duration;
      for (;;) {
        const [next] = [...due].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (next === undefined) break;
        due.delete(next);
        now = Math.max(now, next.at);
        next.action();
      }
      now = end;
    },
  };
}
