/** Fetches over HTTP(S) within limits of bytes, time, redirects, addresses and politeness. */

import { setMaxListeners } from 'node:events';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { type Dispatcher, errors, request } from 'undici';
import { messageOf } from '../../errors.ts';
import { tooLarge } from '../sources/file-tree.ts';
import type { AddressRules } from './address-rules.ts';
import { FetchError } from './fetch-error.ts';
import { createGuardedAgent, RefusedAddressError, type ResolveHost } from './guarded-agent.ts';
import { createHostLine, type HostLine } from './host-line.ts';

/** What tells whether something is still what it was (RFC 9110, 8.8). */
export interface Validators {
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
}

export interface FetchOptions extends AddressRules {
  /** Of the body as it comes over the line. */
  readonly maxBytes: number;
  /** For one try, in milliseconds. */
  readonly tryMs: number;
  /** For everything, waiting for its turn included. */
  readonly totalMs: number;
  /** At most this many requests to the host begin in a second. */
  readonly requestsPerSecond: number;
  /** For the origin of this address only, whatever it redirects to; they may be secrets. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Whether the server may pack it; the caller unpacks. */
  readonly acceptGzip?: boolean;
  /** Ask for it only if it is no longer this. */
  readonly unless?: Validators | undefined;
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly validators: Validators;
  /** At most `maxBytes`; fails when the body ends before its end. */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface Fetcher {
  /**
   * What `consume` makes of the answer, or undefined when it is still what it was. `consume` is called anew for every try.
   * @param url http or https; credentials in it are sent as HTTP Basic.
   * @throws {FetchError} that says why it cannot be had; no message holds a query or credentials.
   * @throws {OperatorError} when the host is down or wants to be left alone: nothing else can be had from it either.
   */
  fetch<T>(url: URL, options: FetchOptions, consume: (answer: Answer) => Promise<T>): Promise<T | undefined>;
  /** Ends what is under way. Idempotent. */
  close(): Promise<void>;
}

export interface FetcherDependencies {
  /** Default: the system's. */
  readonly resolveHost?: ResolveHost | undefined;
  /** Default: time as it passes. */
  readonly sleep?: ((ms: number) => Promise<void>) | undefined;
}

const TRIES = 3;
const MAX_REDIRECTS = 5;
/** Without a sign of life within a try. */
const IDLE_MS = 20_000;
const BACK_OFF_MS = 1_000;

export function createFetcher({
  resolveHost,
  sleep = (ms) => sleepFor(ms, undefined, { ref: false }),
}: FetcherDependencies = {}): Fetcher {
  const agents = new Map<boolean, Dispatcher>();
  const lines = new Map<string, HostLine>();
  const closing = new AbortController();

  function agentFor({ allowPrivate }: AddressRules): Dispatcher {
    const agent = agents.get(allowPrivate) ?? createGuardedAgent({ allowPrivate }, resolveHost);
    agents.set(allowPrivate, agent);
    return agent;
  }

  function lineFor({ host }: URL, { requestsPerSecond }: FetchOptions): HostLine {
    const key = `${host} ${requestsPerSecond}`;
    const line = lines.get(key) ?? createHostLine({ host, requestsPerSecond, sleep });
    lines.set(key, line);
    return line;
  }

  async function tryAll<T>(
    url: URL,
    options: FetchOptions,
    signal: AbortSignal,
    consume: (answer: Answer) => Promise<T>,
  ): Promise<T | undefined> {
    const line = lineFor(url, options);
    for (let attempt = 1; ; attempt++) {
      try {
        const answer = await line.run(
          () =>
            limited(options.tryMs, signal, (inTime) =>
              follow(agentFor(options), url, { ...options, signal: inTime }, consume),
            ),
          signal,
          attempt > 1,
        );
        line.succeeded();
        return answer;
      } catch (error) {
        if (!(error instanceof FetchError)) throw error;
        if (!error.passing) {
          line.succeeded();
          throw error;
        }
        // Not all at once again.
        const backOffMs = BACK_OFF_MS * 2 ** (attempt - 1) * (1 + Math.random());
        line.failed(error, backOffMs);
        if (attempt >= TRIES) throw error;
        if (!error.busy) await sleep(backOffMs);
        signal.throwIfAborted();
      }
    }
  }

  return {
    fetch(url, options, consume) {
      // Every fetch in work listens; that many listeners are no leak.
      setMaxListeners(0, closing.signal, options.signal);
      return limited(options.totalMs, options.signal, (inTime) =>
        limited(undefined, closing.signal, (signal) => tryAll(url, options, signal, consume), inTime),
      );
    },

    async close() {
      closing.abort(new FetchError('the program is closing'));
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
      agents.clear();
    },
  };
}

// --- Internal helpers ---

/** Work under a signal that also aborts after a time. */
async function limited<T>(
  ms: number | undefined,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
  further?: AbortSignal,
): Promise<T> {
  const controller = new AbortController();
  const outers = [outer, ...(further ? [further] : [])];
  // Not AbortSignal.any: on Node 20 a long-lived signal keeps every one that was made of it.
  const abort = (event: Event): void => {
    controller.abort((event.target as AbortSignal).reason);
  };
  for (const signal of outers) {
    signal.throwIfAborted();
    signal.addEventListener('abort', abort, { once: true });
  }
  const late = (): void => {
    controller.abort(
      new FetchError(`it did not come within ${Math.round((ms ?? 0) / 1000)} s`, { passing: true }),
    );
  };
  const timer = ms === undefined ? undefined : setTimeout(late, ms);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    for (const signal of outers) signal.removeEventListener('abort', abort);
  }
}

/** One try, over all redirects. */
async function follow<T>(
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
