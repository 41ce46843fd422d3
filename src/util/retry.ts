/** Tries again what may succeed a little later. */

import type { Clock } from './clock.ts';

export interface RetryOptions {
  readonly clock: Clock;
  /** Ends the wait between two tries. No further try is made then, and the last error is thrown. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Milliseconds to wait before the next try, or undefined to give up.
   * @param failures how many tries have failed, from 1.
   */
  readonly waitAfter: (error: unknown, failures: number) => number | undefined;
}

/**
 * The result of the first try that succeeds.
 * @param attempt gets the number of the try, from 1.
 * @throws what the last try threw, also once `signal` is aborted.
 */
export async function retry<T>(
  attempt: (number: number) => Promise<T>,
  { clock, signal, waitAfter }: RetryOptions,
): Promise<T> {
  const isStopped = (): boolean => signal?.aborted === true;
  for (let number = 1; ; number++) {
    try {
      return await attempt(number);
    } catch (error) {
      const ms = waitAfter(error, number);
      if (ms === undefined || isStopped()) throw error;
      await clock.wait(ms, signal);
      if (isStopped()) throw error;
    }
  }
}
