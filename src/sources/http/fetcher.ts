/** Fetches over HTTP(S) within limits of bytes, time, redirects, addresses and politeness. */

import { setMaxListeners } from 'node:events';
import { setTimeout as sleepFor } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import type { AddressRules } from './address-rules.ts';
import { FetchError } from './fetch-error.ts';
import { fetchOnce } from './fetch-once.ts';
import { createGuardedAgent, type ResolveHost } from './guarded-agent.ts';
import { createHostQueue, type HostQueue } from './host-queue.ts';

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
const BACK_OFF_MS = 1_000;

export function createFetcher({
  resolveHost,
  sleep = (ms) => sleepFor(ms, undefined, { ref: false }),
}: FetcherDependencies = {}): Fetcher {
  const agents = new Map<boolean, Dispatcher>();
  const lines = new Map<string, HostQueue>();
  const closing = new AbortController();

  function agentFor({ allowPrivate }: AddressRules): Dispatcher {
    const agent = agents.get(allowPrivate) ?? createGuardedAgent({ allowPrivate }, resolveHost);
    agents.set(allowPrivate, agent);
    return agent;
  }

  function lineFor({ host }: URL, { requestsPerSecond }: FetchOptions): HostQueue {
    const key = `${host} ${requestsPerSecond}`;
    const line = lines.get(key) ?? createHostQueue({ host, requestsPerSecond, sleep });
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
              fetchOnce(agentFor(options), url, { ...options, signal: inTime }, consume),
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
