/** A clock that stands still until a test moves it, together with the `Date` that stores and limiters use. */

import { vi } from 'vitest';
import type { Clock } from '../src/util/clock.ts';

export interface TestClock extends Clock {
  /** Moves time forward, ends the waits that are due, and lets everything that depends on them run. */
  advance(ms: number): Promise<void>;
}

/** For a test that has called `vi.useFakeTimers({ toFake: ['Date'] })`. */
export function createTestClock(): TestClock {
  const waits = new Set<{ readonly until: number; readonly end: () => void }>();
  return {
    now: () => Date.now(),
    wait: (ms, signal) =>
      new Promise((resolve) => {
        const wait = { until: Date.now() + ms, end: finish };
        function finish(): void {
          waits.delete(wait);
          signal?.removeEventListener('abort', finish);
          resolve();
        }
        waits.add(wait);
        if (signal?.aborted) finish();
        else signal?.addEventListener('abort', finish, { once: true });
      }),
    async advance(ms) {
      vi.setSystemTime(Date.now() + ms);
      for (const wait of [...waits]) if (wait.until <= Date.now()) wait.end();
      await settled();
    },
  };
}

/** Lets every pending microtask and immediate run. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}
