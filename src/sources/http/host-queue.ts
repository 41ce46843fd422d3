/** What is asked of one host: a few requests at a time, not too often, and nothing while it wants to be left alone. */

import PQueue from 'p-queue';
import { OperatorError } from '../../util/errors.ts';
import type { FetchError } from './fetch-error.ts';

export interface HostQueue {
  /**
   * Waits for its turn.
   * @param again this request was in work before and goes first.
   * @throws {OperatorError} while the host is given up; the signal's reason when it aborts first.
   */
  run<T>(work: () => Promise<T>, signal: AbortSignal, again: boolean): Promise<T>;
  succeeded(): void;
  /**
   * Counts a failure that another try may mend, and waits when the host asks for it.
   * @param backOffMs what to wait when the host is busy and does not say for how long.
   */
  failed(error: FetchError, backOffMs: number): void;
}

export interface HostQueueOptions {
  readonly host: string;
  /** At most this many requests begin in a second. */
  readonly requestsPerSecond: number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** As browsers of the nineties did, and few enough for a small shop. */
const CONCURRENCY = 4;
/** Failures without a success between them after which a host counts as down. */
const MAX_FAILURES = 12;
/** Longer than this nobody waits inside a run: the source counts as silent after two minutes. */
const MAX_WAIT_MS = 60_000;
/** How long a host that is down is left alone. */
const REST_MS = 30_000;

export function createHostQueue({ host, requestsPerSecond, sleep }: HostQueueOptions): HostQueue {
  const queue = new PQueue({
    concurrency: CONCURRENCY,
    interval: Math.ceil(1000 / requestsPerSecond),
    intervalCap: 1,
  });
  let failures = 0;
  let waitingUntil = 0;
  let givenUp: { readonly until: number; readonly error: OperatorError } | undefined;

  function giveUp(ms: number, why: string): void {
    givenUp = {
      until: Date.now() + ms,
      error: new OperatorError(
        `${host} ${why}. The inventory was left as it was; what was embedded is kept. Try again in ${Math.ceil(ms / 1000)} s.`,
      ),
    };
  }

  function wait(ms: number): void {
    const until = Date.now() + ms;
    if (until <= waitingUntil) return;
    waitingUntil = until;
    queue.pause();
    void sleep(ms).then(() => {
      if (waitingUntil === until) queue.start();
    });
  }

  return {
    run: (work, signal, again) =>
      queue.add(
        async () => {
          if (givenUp && Date.now() < givenUp.until) throw givenUp.error;
          givenUp = undefined;
          return work();
        },
        { signal, priority: again ? 1 : 0 },
      ) as ReturnType<typeof work>,

    succeeded() {
      failures = 0;
    },

    failed({ message, busy }, backOffMs) {
      failures++;
      const ms = busy && (busy.retryAfterMs ?? backOffMs);
      if (ms !== undefined && ms > MAX_WAIT_MS) {
        giveUp(ms, `asks to be left alone for ${Math.ceil(ms / 1000)} s`);
      } else if (failures >= MAX_FAILURES) {
        failures = 0;
        giveUp(REST_MS, `failed ${MAX_FAILURES} times in a row, last because ${message}`);
      } else if (ms !== undefined) {
        wait(ms);
      }
    },
  };
}
