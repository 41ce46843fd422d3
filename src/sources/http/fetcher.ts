/** Fetches over HTTP(S) within limits of bytes, time, redirects, addresses and request rate. */

import { setMaxListeners } from 'node:events';
import { setTimeout as sleepFor } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import { abortWith } from '../../util/abort-with.ts';
import { backoffMs } from '../../util/backoff.ts';
import { withTimeout } from '../../util/with-timeout.ts';
import type { AddressRules } from './address-rules.ts';
import { FetchError } from './fetch-error.ts';
import { fetchOnce, type FetchResponse } from './fetch-once.ts';
import type { FetchOptions } from './fetch-options.ts';
import { createGuardedAgent, type ResolveHost } from './guarded-agent.ts';
import { createHostQueue, type HostQueue } from './host-queue.ts';

export interface Fetcher {
  /**
   * @param url http or https; credentials in it are sent as HTTP Basic.
   * @param consume reads the response; it is called once for each attempt that gets one.
   * @returns what `consume` made of the response; undefined when `options.validators` still match.
   * @throws {FetchError} that says why the fetch failed; no message holds a query or credentials.
   * @throws {OperatorError} when the host is down or asks for a long pause: then nothing else can be fetched from it either.
   */
  fetch<T>(
    url: URL,
    options: FetchOptions,
    consume: (response: FetchResponse) => Promise<T>,
  ): Promise<T | undefined>;
  /** Ends running fetches. Idempotent. */
  close(): Promise<void>;
}

export interface FetcherDependencies {
  /** Default: the system's resolver. */
  readonly resolveHost?: ResolveHost | undefined;
  /** Waits between attempts. Default: a timer. */
  readonly sleep?: ((ms: number) => Promise<void>) | undefined;
}

const MAX_ATTEMPTS = 3;
/** The jitter keeps failed requests from returning all at once. */
const BACKOFF = { firstMs: 1_000, jitter: 1 };

export function createFetcher({
  resolveHost,
  sleep = (ms) => sleepFor(ms, undefined, { ref: false }),
}: FetcherDependencies = {}): Fetcher {
  const agents = new Map<boolean, Dispatcher>();
  const queues = new Map<string, HostQueue>();
  const closing = new AbortController();

  function agentFor({ allowPrivate }: AddressRules): Dispatcher {
    const agent = agents.get(allowPrivate) ?? createGuardedAgent({ allowPrivate }, resolveHost);
    agents.set(allowPrivate, agent);
    return agent;
  }

  function queueFor({ host }: URL, { requestsPerSecond }: FetchOptions): HostQueue {
    const key = `${host} ${requestsPerSecond}`;
    const queue = queues.get(key) ?? createHostQueue({ host, requestsPerSecond, sleep });
    queues.set(key, queue);
    return queue;
  }

  async function fetchWithRetries<T>(
    url: URL,
    options: FetchOptions,
    consume: (response: FetchResponse) => Promise<T>,
  ): Promise<T | undefined> {
    const queue = queueFor(url, options);
    const attemptOnce = (): Promise<T | undefined> =>
      withDeadline(options.attemptMs, [options.signal], (signal) =>
        fetchOnce(agentFor(options), url, { ...options, signal }, consume),
      );
    for (let attempt = 1; ; attempt++) {
      try {
        const result = await queue.run(attemptOnce, options.signal, attempt > 1);
        queue.succeeded();
        return result;
      } catch (error) {
        if (!(error instanceof FetchError)) throw error;
        if (!error.retryable) {
          // The server works; only this request is wrong.
          queue.succeeded();
          throw error;
        }
        const waitMs = backoffMs(attempt, BACKOFF);
        queue.failed(error, waitMs);
        if (attempt >= MAX_ATTEMPTS) throw error;
        // While a server is busy, its whole queue waits.
        if (!error.busy) await sleep(waitMs);
        options.signal.throwIfAborted();
      }
    }
  }

  return {
    fetch(url, options, consume) {
      // Every running fetch listens to these two signals; that many listeners are no leak.
      setMaxListeners(0, closing.signal, options.signal);
      return withDeadline(options.totalMs, [options.signal, closing.signal], (signal) =>
        fetchWithRetries(url, { ...options, signal }, consume),
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

/**
 * Runs `work` under a signal that aborts after `ms` milliseconds, or with one of `signals`. Settles only when `work` has
 * settled, so that an aborted request has released its connection and its files.
 */
async function withDeadline<T>(
  ms: number,
  signals: readonly AbortSignal[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  for (const signal of signals) signal.throwIfAborted();
  const controller = new AbortController();
  const stopListening = abortWith(controller, signals);
  const running = work(controller.signal);
  const late = (): FetchError => {
    const error = new FetchError(`it did not arrive within ${Math.round(ms / 1000)} s`, { retryable: true });
    controller.abort(error);
    return error;
  };
  try {
    return await withTimeout(running, { ms, late });
  } finally {
    await Promise.allSettled([running]);
    stopListening();
  }
}
