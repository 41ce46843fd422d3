/** Retries calls that may be made twice without harm: discord.js's own retries do not cover lost connections. */

import { backoffMs } from '../../../util/backoff.ts';
import type { Clock } from '../../../util/clock.ts';
import { retry } from '../../../util/retry.ts';
import { isTransient } from './failure.ts';

export interface RetryDependencies {
  readonly clock: Clock;
  /** Aborted when the door gives up waiting. */
  readonly signal: AbortSignal;
}

const TRIES = 4;
const FIRST_WAIT_MS = 500;

/** @throws the error of the last try; a refusal is never retried. */
export async function callWithRetry<T>(
  { clock, signal }: RetryDependencies,
  call: () => Promise<T>,
): Promise<T> {
  return retry(call, {
    // When the door gives up during a wait, the call is tried once more at once. So `retry` must not see the signal.
    clock: { now: () => clock.now(), wait: (ms) => clock.wait(ms, signal) },
    waitAfter: (error, failures) =>
      isTransient(error) && failures < TRIES && !signal.aborted
        ? backoffMs(failures, { firstMs: FIRST_WAIT_MS })
        : undefined,
  });
}
