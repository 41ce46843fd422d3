/** The product's clock in tests: one that a test moves, alone or together with the time of a simulated platform. */

import { vi } from 'vitest';
import { type Clock, systemClock } from '../src/util/clock.ts';
import {
  createJumpingClock,
  createManualClock,
  type MovableClock,
  type PlatformClock,
} from './fakes/clock.ts';

export interface TestClock extends Clock {
  /** Moves time forward, ends the waits that are due, and lets everything run that depends on them. */
  advance(ms: number): Promise<void>;
}

/** Moves with the `Date` that stores and limiters use. For tests that have `vi.useFakeTimers({ toFake: ['Date'] })`. */
export function createTestClock(): TestClock {
  const manual = createManualClock(Date.now());
  return {
    now: () => Date.now(),
    wait: (ms, signal) => waitOn(manual, ms, signal),
    async advance(ms) {
      vi.setSystemTime(Date.now() + ms);
      manual.advance(ms);
      await settled();
    },
  };
}

/** The clock of a simulated platform as the product's clock. */
export function clockOf(platform: PlatformClock): Clock {
  return {
    now: () => platform.now(),
    wait: (ms, signal) => waitOn(platform, ms, signal),
  };
}

export interface FastClock extends Clock {
  /** The platform's time. */
  readonly platform: MovableClock;
  /** Moves both, and ends the long waits that are due. */
  advance(ms: number): void;
}

const LONG_MS = 30_000;

/** Short waits take a fiftieth of their time. Waits above 30 s end when the test moves the clock. */
export function createFastClock(): FastClock {
  const platform = createJumpingClock();
  return {
    platform,
    now: () => platform.now(),
    wait: (ms, signal) => (ms <= LONG_MS ? systemClock.wait(ms / 50, signal) : waitOn(platform, ms, signal)),
    advance: (ms) => {
      platform.advance(ms);
    },
  };
}

/** Lets every pending microtask and immediate run. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

// --- Internal helpers ---

function waitOn(platform: PlatformClock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      cancel();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const cancel = platform.after(ms, end);
    if (signal?.aborted) end();
    else signal?.addEventListener('abort', end, { once: true });
  });
}
