/** What may be fetched, and within which limits. */

import type { AddressRules } from './address-rules.ts';

/** The validators of a response, by which a server tells whether it has changed (RFC 9110, section 8.8). */
export interface Validators {
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
}

export interface FetchOptions extends AddressRules {
  /** Most bytes of the body, as transferred. */
  readonly maxBytes: number;
  /** Limit for one attempt, in milliseconds. */
  readonly attemptMs: number;
  /** Limit for the whole fetch, in milliseconds, waiting in the queue included. */
  readonly totalMs: number;
  /** At most this many requests to the host begin in a second. */
  readonly requestsPerSecond: number;
  /** Sent to the origin of the URL only, wherever it redirects to; the values may be secrets. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Whether the server may compress the body with gzip; the caller decompresses it. */
  readonly acceptGzip?: boolean;
  /** Makes the request conditional: the body is sent only if these validators no longer match. */
  readonly validators?: Validators | undefined;
  readonly signal: AbortSignal;
}
