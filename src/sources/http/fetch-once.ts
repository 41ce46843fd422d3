/** One try to fetch something: over its redirects, to an answer that is the one asked for, with errors in words. */

import { type Dispatcher, errors, request } from 'undici';
import { messageOf } from '../../util/errors.ts';
import { tooLarge } from '../file-tree.ts';
import { FetchError } from './fetch-error.ts';
import type { Answer, FetchOptions, Validators } from './fetcher.ts';
import { RefusedAddressError } from './guarded-agent.ts';

const MAX_REDIRECTS = 5;
/** Without a sign of life within a try. */
const IDLE_MS = 20_000;

/**
 * @param options `signal` ends it, with its own reason.
 * @throws {FetchError} that says why it cannot be had, and whether another try may help.
 */
export async function fetchOnce<T>(
  dispatcher: Dispatcher,
  start: URL,
  options: FetchOptions,
  consume: (answer: Answer) => Promise<T>,
): Promise<T | undefined> {
  let url = start;
  for (let hops = 0; ; hops++) {
    if (!/^https?:$/.test(url.protocol)) {
      throw new FetchError(`it leads to a ${url.protocol} address; only http and https are fetched`);
    }
    const answer = await ask(dispatcher, url, start, options);
    const { statusCode, body } = answer;
    // It may break before anybody reads; whoever reads then hears of it, and nobody else should.
    body.on('error', () => undefined);
    try {
      if (statusCode >= 300 && statusCode < 400 && statusCode !== 304) {
        if (hops >= MAX_REDIRECTS) throw new FetchError(`it was redirected more than ${MAX_REDIRECTS} times`);
        url = targetOf(answer, url);
        continue;
      }
      if (statusCode === 304 && options.unless) return undefined;
      if (statusCode !== 200) throw statusError(answer);
      const length = Number(one(answer.headers['content-length']));
      if (length > options.maxBytes) throw new FetchError(tooLarge(length, options.maxBytes).message);
      return await consume({
        contentType: one(answer.headers['content-type']),
        contentEncoding: one(answer.headers['content-encoding']),
        validators: validatorsOf(answer),
        body: bounded(body, options),
      });
    } finally {
      // What was not read is not waited for.
      if (!body.readableEnded) body.destroy();
    }
  }
}

// --- Internal helpers ---

async function ask(
  dispatcher: Dispatcher,
  url: URL,
  start: URL,
  { headers, unless, acceptGzip = false, signal }: FetchOptions,
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
        ...(unless?.etag !== undefined && { 'if-none-match': unless.etag }),
        ...(unless?.lastModified !== undefined && { 'if-modified-since': unless.lastModified }),
        ...(url.origin === start.origin && { ...credentialsOf(start), ...headers }),
      },
    });
  } catch (error) {
    throw connectionError(error, url, signal);
  }
}

function credentialsOf({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

async function* bounded(
  body: AsyncIterable<Uint8Array>,
  { maxBytes, signal }: FetchOptions,
): AsyncGenerator<Uint8Array, void> {
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new FetchError(tooLarge(bytes, maxBytes).message);
      yield chunk;
    }
  } catch (error) {
    throw error instanceof FetchError ? error : connectionError(error, undefined, signal);
  }
}

/** The causes of what undici throws, in words; never its own texts, which may hold addresses. */
function connectionError(error: unknown, url: URL | undefined, signal: AbortSignal): Error {
  if (signal.aborted) return signal.reason as Error;
  if (error instanceof RefusedAddressError) return new FetchError(error.message, { cause: error });
  const where = url ? `${url.host} ` : 'the server ';
  const code = error instanceof Error && 'code' in error ? String(error.code) : messageOf(error);
  const passing = { passing: true, cause: error };
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError)
    return new FetchError(`${where}fell silent for ${IDLE_MS / 1000} s`, passing);
  if (code === 'ENOTFOUND') return new FetchError(`${where}is not known to the name server`, passing);
  if (code === 'ECONNREFUSED') return new FetchError(`${where}takes no connection`, passing);
  if (code === 'UND_ERR_SOCKET' || code === 'ECONNRESET')
    return new FetchError(`${where}ended the connection before everything had come`, passing);
  return new FetchError(`${where}cannot be reached (${code})`, passing);
}

function targetOf(answer: Dispatcher.ResponseData, from: URL): URL {
  const location = one(answer.headers.location);
  if (location === undefined || !URL.canParse(location, from.href))
    throw new FetchError(`the server answered ${answer.statusCode} without saying where to`);
  return new URL(location, from.href);
}

function statusError({ statusCode, headers }: Dispatcher.ResponseData): FetchError {
  const message = `the server answered ${statusCode}`;
  if (statusCode === 429 || statusCode === 503) {
    return new FetchError(message, { passing: true, busy: { retryAfterMs: retryAfter(headers) } });
  }
  return new FetchError(message, { passing: statusCode >= 500 || statusCode === 408 });
}

function retryAfter(headers: Dispatcher.ResponseData['headers']): number | undefined {
  const value = one(headers['retry-after'])?.trim();
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

/** A time of change counts only when it lay a while back: within one second a file may change twice (RFC 9110, 8.8.2.2). */
function validatorsOf({ headers }: Dispatcher.ResponseData): Validators {
  const etag = one(headers.etag);
  const lastModified = one(headers['last-modified']);
  const age = Date.parse(one(headers.date) ?? '') - Date.parse(lastModified ?? '');
  return {
    ...(etag !== undefined && { etag }),
    ...(age >= 1000 && { lastModified }),
  };
}

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
