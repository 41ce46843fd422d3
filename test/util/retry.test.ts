import { expect, it } from 'vitest';
import { backoffMs } from '../../src/util/backoff.ts';
import type { Clock } from '../../src/util/clock.ts';
import { createMutex } from '../../src/util/mutex.ts';
import { retry } from '../../src/util/retry.ts';

const waits: number[] = [];
const clock: Clock = {
  now: () => 0,
  wait(ms) {
    waits.push(ms);
    return Promise.resolve();
  },
};

it('doubles the wait with each failure up to the longest, with jitter on top', () => {
  const backoff = { firstMs: 500, mostMs: 3_000 };
  expect([1, 2, 3, 4, 5].map((failures) => backoffMs(failures, backoff))).toEqual([
    500, 1_000, 2_000, 3_000, 3_000,
  ]);
  for (let n = 0; n < 50; n++) {
    const ms = backoffMs(1, { firstMs: 100, jitter: 0.5 });
    expect(ms).toBeGreaterThanOrEqual(100);
    expect(ms).toBeLessThanOrEqual(150);
  }
});

it('tries again until it succeeds, and gives up when there is no next wait', async () => {
  waits.length = 0;
  const third = (n: number) => (n < 3 ? Promise.reject(new Error(`try ${n}`)) : Promise.resolve(n));
  const waitAfter = (_: unknown, failures: number) => (failures < 3 ? failures * 10 : undefined);
  expect(await retry(third, { clock, waitAfter })).toBe(3);
  expect(waits).toEqual([10, 20]);
  await expect(retry((n) => Promise.reject(new Error(`try ${n}`)), { clock, waitAfter })).rejects.toThrow(
    'try 3',
  );
});

it('does not try again once its signal is aborted', async () => {
  const leaving = new AbortController();
  let tries = 0;
  const failing = () => {
    tries++;
    leaving.abort();
    return Promise.reject(new Error('broken'));
  };
  await expect(retry(failing, { clock, signal: leaving.signal, waitAfter: () => 1 })).rejects.toThrow(
    'broken',
  );
  expect(tries).toBe(1);
});

it('runs one piece of work at a time, in order, also after one that failed', async () => {
  const mutex = createMutex();
  const steps: string[] = [];
  const work = (name: string, fails = false) =>
    mutex.run(async () => {
      steps.push(`${name} begins`);
      await Promise.resolve();
      steps.push(`${name} ends`);
      if (fails) throw new Error(name);
    });
  const first = expect(work('a', true)).rejects.toThrow('a');
  const second = work('b');
  expect(mutex.isLocked()).toBe(true);
  await first;
  await second;
  expect(mutex.isLocked()).toBe(false);
  expect(steps).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});
