/** Why a call of the Bot API failed, classified by what can be done next. Free of tokens, payloads and the library's errors. */

export type CallFailure =
  /** Telegram refused it (400, 403, ...): nothing happened, and a retry would not help. */
  | 'refused'
  /** 429: nothing happened, and the same call may be made after `retryAfterSeconds`. */
  | 'flood'
  /** No connection was established: nothing happened. */
  | 'unreachable'
  /** The answer was lost or is invalid (5xx, cut off, timeout, half a document): it may have happened. */
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
  /** The supergroup that replaced the group of the call. */
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

/** The error of a call that the door gave up because it stops. */
export function stoppedError(method: string): CallError {
  return new CallError({ method, failure: 'stopped', description: 'the door stops' });
}

/** Whether a call was refused with these words. */
export function wasRefused(error: unknown, words: RegExp): error is CallError {
  return error instanceof CallError && error.failure === 'refused' && words.test(error.description);
}

/** Rethrows everything but a `CallError`: a handler for calls whose failure does not matter. */
export function ignoreCallError(error: unknown): void {
  if (!(error instanceof CallError)) throw error;
}
