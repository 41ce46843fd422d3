/** Retries calls that may be made twice without harm: reading, editing, deleting, answering a callback query. */

import { backoffMs } from '../../../util/backoff.ts';
import type { Clock } from '../../../util/clock.ts';
import { retry } from '../../../util/retry.ts';
import type { BotApi, CallOptions } from './bot-api.ts';
import { CallError, stoppedError } from './call-error.ts';

export interface RetryDependencies {
  readonly api: BotApi;
  readonly clock: Clock;
}

export interface RetryCallOptions extends Omit<CallOptions, 'signal'> {
  readonly signal: AbortSignal;
  /** Default 4. */
  readonly tries?: number;
  /** Runs before each try, for example to wait for the rate limit. */
  readonly before?: () => Promise<void>;
  /** Called for each 429. */
  readonly onFlood?: (seconds: number) => void;
}

/** @throws {CallError} of the last try, or `stopped`. A refusal is never retried. */
export async function callWithRetry(
  { api, clock }: RetryDependencies,
  method: string,
  payload: Readonly<Record<string, unknown>>,
  { signal, tries = 4, before, onFlood, ...options }: RetryCallOptions,
): Promise<unknown> {
  async function attempt(): Promise<unknown> {
    await before?.();
    return api.call(method, payload, { ...options, signal });
  }

  function waitAfter(error: unknown, failures: number): number | undefined {
    if (!(error instanceof CallError) || !isRetryable(error) || failures >= tries) return undefined;
    if (error.failure === 'flood') onFlood?.(error.retryAfterSeconds);
    return callBackoffMs(error, failures);
  }

  try {
    return await retry(attempt, { clock, signal, waitAfter });
  } catch (error) {
    if (signal.aborted && error instanceof CallError && isRetryable(error)) throw stoppedError(method);
    throw error;
  }
}

/** Milliseconds until the next try: what Telegram named, else half a second, doubled after every failure, at most 30 s. */
export function callBackoffMs(error: CallError, failures: number): number {
  return error.retryAfterSeconds * 1000 || backoffMs(failures, { firstMs: 500, mostMs: 30_000 });
}

// --- Internal helpers ---

function isRetryable({ failure }: CallError): boolean {
  return failure === 'flood' || failure === 'unreachable' || failure === 'unknown';
}
