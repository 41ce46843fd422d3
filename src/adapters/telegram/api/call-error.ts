/** Why a call of the Bot API failed, classed by what may be done next; free of tokens, payloads and the library's errors. */

export type CallFailure =
  /** Telegram said no (400, 403, ...): nothing happened, and asking again would not help. */
  | 'refused'
  /** 429: nothing happened, the same call may be made after `retryAfterSeconds`. */
  | 'flood'
  /** No connection came about: nothing happened. */
  | 'unreachable'
  /** The answer was lost or is no answer (5xx, cut off, timeout, half a document): it may have happened. */
  | 'unknown'
  /** The door gave up waiting because it stops. */
  | 'stopped';

export interface CallErrorOptions {
  readonly method: string;
  readonly failure: CallFailure;
  /** HTTP status, 0 when there was none. */
  readonly code?: number;
  /** Telegram's own words, or a code such as `ECONNREFUSED`. */
  readonly description: string;
  readonly retryAfterSeconds?: number | undefined;
  /** Chat that took the place of the one addressed. */
  readonly migratedTo?: number | undefined;
}

/** `message` may be logged. */
export class CallError extends Error {
  override readonly name = 'CallError';
  readonly method: string;
  readonly failure: CallFailure;
  readonly code: number;
  readonly description: string;
  /** At least 1 for `flood`, otherwise 0. */
  readonly retryAfterSeconds: number;
  readonly migratedTo: number | undefined;

  constructor(options: CallErrorOptions) {
    const { method, failure, code = 0, description } = options;
    super(`${method} failed (${failure}${code === 0 ? '' : `, ${code}`}): ${description}`);
    this.method = method;
    this.failure = failure;
    this.code = code;
    this.description = description;
    this.retryAfterSeconds = failure === 'flood' ? Math.max(1, Math.ceil(options.retryAfterSeconds ?? 1)) : 0;
    this.migratedTo = options.migratedTo;
  }
}

/** Whether a call was refused in such words. */
export function wasRefused(error: unknown, words: RegExp): error is CallError {
  return error instanceof CallError && error.failure === 'refused' && words.test(error.description);
}
