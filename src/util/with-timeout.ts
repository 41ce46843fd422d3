/** Waits for work that may never end, but not longer than a limit. */

import pTimeout from 'p-timeout';
import { type Clock, systemClock } from './clock.ts';

export interface TimeoutOptions {
  /** Limit in milliseconds, above 0. */
  readonly ms: number;
  /** Ends the wait early, with its reason as the error. The work itself goes on. */
  readonly signal?: AbortSignal | undefined;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Makes the error for work that took too long. */
  readonly late: () => Error;
}

/**
 * The result of `work`. Work that takes too long is left running, and whatever becomes of it is ignored.
 * @throws what `work` throws, the signal's reason, or `late()` after `ms` milliseconds.
 */
export async function withTimeout<T>(work: Promise<T>, options: TimeoutOptions): Promise<T> {
  const { ms, signal, clock, late } = options;
  return pTimeout(work, {
    milliseconds: ms,
    fallback: () => {
      throw late();
    },
    ...(signal && { signal }),
    ...(clock && { customTimers: timersOf(clock) }),
  });
}

/**
 * The result of `work` if it arrives within `ms` milliseconds, otherwise undefined. Chat platforms expect a reaction soon,
 * whatever the work takes. The caller still awaits `work` later, and sees its failure then.
 */
export async function firstWithin<T>(
  work: Promise<T>,
  ms: number,
  clock: Clock = systemClock,
): Promise<T | undefined> {
  return pTimeout(work, { milliseconds: ms, fallback: () => undefined, customTimers: timersOf(clock) });
}

// --- Internal helpers ---

/** A clock as the pair of functions that `p-timeout` takes; the handle of a timer is the controller that ends it. */
function timersOf(clock: Clock): { setTimeout: typeof setTimeout; clearTimeout: typeof clearTimeout } {
  const start = (action: () => void, ms: number): AbortController => {
    const end = new AbortController();
    void clock.wait(ms, end.signal).then(() => {
      if (!end.signal.aborted) action();
    });
    return end;
  };
  const clear = (timer: AbortController | undefined): void => {
    timer?.abort();
  };
  return {
    setTimeout: start as unknown as typeof setTimeout,
    clearTimeout: clear as unknown as typeof clearTimeout,
  };
}
