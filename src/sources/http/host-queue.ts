/** The requests to one host: a few at a time, at a limited rate, and none while the host is down or asks for a pause. */

import PQueue from 'p-queue';
import { OperatorError } from '../../util/errors.ts';
import type { FetchError } from './fetch-error.ts';

export interface HostQueue {
  /**
   * Runs `work` when it is its turn.
   * @param isRetry whether the request ran before; retries go first.
   * @throws {OperatorError} while the host counts as down; the signal's reason when it aborts before the turn comes.
   */
  run<T>(work: () => Promise<T>, signal: AbortSignal, isRetry: boolean): Promise<T>;
  succeeded(): void;
  /**
   * Counts a failure after which another attempt may succeed, and pauses the queue when the host asks for it.
   * @param defaultWaitMs length of the pause when a busy host does not give one.
   */
  failed(error: FetchError, defaultWaitMs: number): void;
}

export interface HostQueueOptions {
  readonly host: string;
  /** At most this many requests begin in a second. */
  readonly requestsPerSecond: number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Requests at once; few enough for a small shop. */
const CONCURRENCY = 4;
/** A host counts as down after this many failures in a row. */
const MAX_FAILURES = 12;
/** Longest pause within a run, because a source counts as stalled after two minutes. */
const MAX_PAUSE_MS = 60_000;
/** How long a host that is down gets no request. */
const DOWN_MS = 30_000;

export function createHostQueue({ host, requestsPerSecond, sleep }: HostQueueOptions): HostQueue {
  const queue = new PQueue({
    concurrency: CONCURRENCY,
    interval: Math.ceil(1000 / requestsPerSecond),
    intervalCap: 1,
  });
  let failures = 0;
  let pausedUntil = 0;
  /** Set while every request fails at once, without being sent. */
  let outage: { readonly until: number; readonly error: OperatorError } | undefined;

  function refuseFor(ms: number, why: string): void {
    outage = {
      until: Date.now() + ms,
      error: new OperatorError(
        `${host} ${why}. The inventory was left as it was, and finished embeddings are kept. Try again in ${Math.ceil(ms / 1000)} s.`,
      ),
    };
  }

  function pauseFor(ms: number): void {
    const until = Date.now() + ms;
    if (until <= pausedUntil) return;
    pausedUntil = until;
    queue.pause();
    void sleep(ms).then(() => {
      if (pausedUntil === until) queue.start();
    });
  }

  return {
    run: (work, signal, isRetry) =>
      queue.add(
        async () => {
          if (outage && Date.now() < outage.until) throw outage.error;
          outage = undefined;
          return work();
        },
        { signal, priority: isRetry ? 1 : 0 },
      ) as ReturnType<typeof work>,

    succeeded() {
      failures = 0;
    },

    failed({ message, busy }, defaultWaitMs) {
      failures++;
      const pauseMs = busy && (busy.retryAfterMs ?? defaultWaitMs);
      if (pauseMs !== undefined && pauseMs > MAX_PAUSE_MS) {
        refuseFor(pauseMs, `asks for a pause of ${Math.ceil(pauseMs / 1000)} s`);
      } else if (failures >= MAX_FAILURES) {
        failures = 0;
        refuseFor(DOWN_MS, `failed ${MAX_FAILURES} times in a row; the last reason is that ${message}`);
      } else if (pauseMs !== undefined) {
        pauseFor(pauseMs);
      }
    },
  };
}
