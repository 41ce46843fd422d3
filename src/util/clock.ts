/** The source of time of the chat and the adapters, so that a test can replace it. */

import { setTimeout as delay } from 'node:timers/promises';

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after `ms` milliseconds, or as soon as `signal` aborts. Never rejects. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  wait: (ms, signal) =>
    delay(ms, undefined, { ref: false, ...(signal && { signal }) }).catch(() => {
      // Only an abort rejects it, and that ends the wait too.
    }),
};
