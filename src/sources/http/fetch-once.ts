/** One attempt to fetch something: follows redirects, accepts only a complete response, and says in words what failed. */

import { type Dispatcher, errors, request } from 'undici';
import { messageOf } from '../../util/errors.ts';
import { codeOf } from '../../util/reason-of.ts';
import { tooLarge } from '../too-large.ts';
import { FetchError } from './fetch-error.ts';
import type { FetchOptions, Validators } from './fetch-options.ts';
import { RefusedAddressError } from './guarded-agent.ts';

export interface FetchResponse {
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly validators: Validators;
  /** The `Link` header. */
  readonly link: string | undefined;
  /** At most `maxBytes`. Fails when the connection ends before the body does. */
  readonly body: AsyncIterable<Uint8Array>;
}

const MAX_REDIRECTS = 5;
/** Longest silence of the server within an attempt. */
const IDLE_MS = 20_000;

/**
 * @param options `signal` ends the attempt, with its own reason as the error.
 * @returns what `consume` makes of the response; undefined when `options.validators` still match (304).
 * @throws {FetchError} that says what failed, and whether another attempt may succeed.
 */
export async function fetchOnce<T>(
  dispatcher: Dispatcher,
  start: URL,
  options: FetchOptions,
  consume: (response: FetchResponse) => Promise<T>,
): Promise<T | undefined> {
  let url = start;
  for (let redirects = 0; ; redirects++) {
    if (!/^https?:$/.test(url.protocol)) {
      throw new FetchError(`it leads to a ${url.protocol} address; only http and https are fetched`);
    }
    const response = await send(dispatcher, url, start, options);
    const { statusCode, body } = response;
    // The body may fail before anybody reads it. The reader gets the error; without a listener it would end the process.
    body.on('error', () => undefined);
    try {
      if (statusCode >= 300 && statusCode < 400 && statusCode !== 304) {
        if (redirects >= MAX_REDIRECTS)
          throw new FetchError(`it was redirected more than ${MAX_REDIRECTS} times`);
        url = redirectTarget(response, url);
        continue;
      }
      if (statusCode === 304 && options.validators) return undefined;
      if (statusCode !== 200) throw statusError(response);
      const length = Number(firstValue(response.headers['content-length']));
      if (length > options.maxBytes) throw new FetchError(tooLarge(length, options.maxBytes));
      return await consume({
        contentType: firstValue(response.headers['content-type']),
        contentEncoding: firstValue(response.headers['content-encoding']),
        validators: validatorsOf(response),
        link: firstValue(response.headers.link),
        body: limitBody(body, options),
      });
    } finally {
      // Ends the transfer of a body that was not read to its end.
      if (!body.readableEnded) body.destroy();
    }
  }
}

// --- Internal helpers ---

async function send(
  dispatcher: Dispatcher,
  url: URL,
  start: URL,
  { headers, validators, acceptGzip = false, signal }: FetchOptions,
): Promise<Dispatcher.ResponseData> {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  try {
    return await request(bare, {
      dispatcher,
      signal,
      headersTimeout: IDLE_MS,
      bodyTimeout: IDLE_MS,
      headers: {
        'user-agent': 'fashion-recommender-bot (inventory)',
        accept: '*/*',
        'accept-encoding': acceptGzip ? 'gzip, identity' : 'identity',
        ...(validators?.etag !== undefined && { 'if-none-match': validators.etag }),
        ...(validators?.lastModified !== undefined && { 'if-modified-since': validators.lastModified }),
        ...(url.origin === start.origin && { ...basicAuthorization(start), ...headers }),
      },
    });
  } catch (error) {
    throw connectionError(error, url, signal);
  }
}

function basicAuthorization({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

async function* limitBody(
  body: AsyncIterable<Uint8Array>,
  { maxBytes, signal }: FetchOptions,
): AsyncGenerator<Uint8Array, void> {
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new FetchError(tooLarge(bytes, maxBytes));
      yield chunk;
    }
  } catch (error) {
    throw error instanceof FetchError ? error : connectionError(error, undefined, signal);
  }
}

/** Says in words why undici failed; its own messages may hold addresses. */
function connectionError(error: unknown, url: URL | undefined, signal: AbortSignal): Error {
  if (signal.aborted) return signal.reason as Error;
  if (error instanceof RefusedAddressError) return new FetchError(error.message, { cause: error });
  const server = url?.host ?? 'the server';
  const code = codeOf(error) ?? messageOf(error);
  const options = { retryable: true, cause: error };
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError)
    return new FetchError(`${server} sent nothing for ${IDLE_MS / 1000} s`, options);
  if (code === 'ENOTFOUND') return new FetchError(`the name server does not know ${server}`, options);
  if (code === 'ECONNREFUSED') return new FetchError(`${server} refused the connection`, options);
  if (code === 'UND_ERR_SOCKET' || code === 'ECONNRESET')
    return new FetchError(`${server} closed the connection before the transfer was complete`, options);
  return new FetchError(`${server} cannot be reached (${code})`, options);
}

function redirectTarget({ statusCode, headers }: Dispatcher.ResponseData, from: URL): URL {
  const location = firstValue(headers.location);
  if (location === undefined || !URL.canParse(location, from.href))
    throw new FetchError(`the server answered ${statusCode} without a valid address to redirect to`);
  return new URL(location, from.href);
}

function statusError({ statusCode, headers }: Dispatcher.ResponseData): FetchError {
  const message = `the server answered ${statusCode}`;
  if (statusCode === 429 || statusCode === 503) {
    return new FetchError(message, { retryable: true, busy: { retryAfterMs: retryAfterMs(headers) } });
  }
  return new FetchError(message, { retryable: statusCode >= 500 || statusCode === 408 });
}

/** `Retry-After` holds seconds or a date. */
function retryAfterMs(headers: Dispatcher.ResponseData['headers']): number | undefined {
  const value = firstValue(headers['retry-after'])?.trim();
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

/**
 * Leaves out a `Last-Modified` that is less than a second older than the response, because the file may change twice within
 * one second (RFC 9110, section 8.8.2.2).
 */
function validatorsOf({ headers }: Dispatcher.ResponseData): Validators {
  const etag = firstValue(headers.etag);
  const lastModified = firstValue(headers['last-modified']);
  const ageMs = Date.parse(firstValue(headers.date) ?? '') - Date.parse(lastModified ?? '');
  return {
    ...(etag !== undefined && { etag }),
    ...(ageMs >= 1000 && { lastModified }),
  };
}

function firstValue(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
