/** Time of the door and the fake together: short waits pass fifty times as fast, long ones when the test says so. */

import { type Clock, systemClock } from '../../../src/util/clock.ts';
import { createFakeClock, type FakeClock } from '../../fakes/discord/clock.ts';

export interface DoorClock extends Clock {
  /** Of the fake. */
  readonly platform: FakeClock;
  /** Moves both, and ends the long waits that are due. */
  advance(ms: number): void;
}

const LONG_MS = 30_000;

export function createDoorClock(): DoorClock {
  const platform = createFakeClock();
  const waits = new Set<{ readonly until: number; readonly end: () => void }>();
  return {
    platform,
    now: () => platform.now(),
    wait: (ms, signal) =>
      ms <= LONG_MS
        ? systemClock.wait(ms / 50, signal)
        : new Promise((resolve) => {
            const wait = { until: platform.now() + ms, end: finish };
            function finish(): void {
              waits.delete(wait);
              signal?.removeEventListener('abort', finish);
              resolve();
            }
            waits.add(wait);
            if (signal?.aborted === true) finish();
            else signal?.addEventListener('abort', finish, { once: true });
          }),
    advance(ms) {
      platform.advance(ms);
      for (const wait of [...waits]) if (wait.until <= platform.now()) wait.end();
    },
  };
}
