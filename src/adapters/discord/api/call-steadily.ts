/** Calls that may be made twice without harm, tried until they are through: the client's own retries leave cut connections out. */

import type { Clock } from '../../../util/clock.ts';
import { isTransient } from './failure.ts';

export interface SteadyDependencies {
  readonly clock: Clock;
  /** Aborted when the door gives up waiting. */
  readonly signal: AbortSignal;
}

const TRIES = 4;
const FIRST_WAIT_MS = 500;

/** @throws the error of the last try; a refusal is never tried again. */
export async function callSteadily<T>(
  { clock, signal }: SteadyDependencies,
  call: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (!isTransient(error) || attempt >= TRIES || signal.aborted) throw error;
      await clock.wait(FIRST_WAIT_MS * 2 ** (attempt - 1), signal);
    }
  }
}
