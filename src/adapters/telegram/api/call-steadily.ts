/** Calls that may be made twice without harm (reading, editing, deleting, answering a press), tried until they are through. */

import type { Clock } from '../../../util/clock.ts';
import type { BotApi, CallOptions } from './bot-api.ts';
import { CallError } from './call-error.ts';

export interface SteadyOptions extends Omit<CallOptions, 'signal'> {
  readonly signal: AbortSignal;
  /** Default 4. */
  readonly tries?: number;
  /** Runs before each try, for example to wait for the chat's turn. */
  readonly before?: () => Promise<void>;
  /** Told of each 429. */
  readonly onFlood?: (seconds: number) => void;
}

/** @throws {CallError} of the last try; a refusal is never tried again. */
export async function callSteadily(
  { api, clock }: { readonly api: BotApi; readonly clock: Clock },
  method: string,
  payload: Readonly<Record<string, unknown>>,
  { signal, tries = 4, before, onFlood, ...options }: SteadyOptions,
): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    await before?.();
    try {
      return await api.call(method, payload, { ...options, signal });
    } catch (error) {
      if (!(error instanceof CallError) || !isWorthAnother(error) || attempt >= tries) throw error;
      if (error.failure === 'flood') onFlood?.(error.retryAfterSeconds);
      await clock.wait(waitAfter(error, attempt), signal);
      if (signal.aborted) throw new CallError({ method, failure: 'stopped', description: 'the door stops' });
    }
  }
}

/** Milliseconds: what Telegram named, else half a second, doubled with every attempt, 30 s at most. */
export function waitAfter(error: CallError, attempt: number): number {
  return error.retryAfterSeconds * 1000 || Math.min(30_000, 500 * 2 ** (attempt - 1));
}

// --- Internal helpers ---

function isWorthAnother({ failure }: CallError): boolean {
  return failure === 'flood' || failure === 'unreachable' || failure === 'unknown';
}
