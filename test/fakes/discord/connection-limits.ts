/** How often clients may identify per day and at the same time, and how much a connection may send. */

import type { MovableClock } from '../clock.ts';
import type { Limits } from './limits.ts';

export interface ConnectionLimits {
  takeIdentify(shard: number): 'fine' | 'too-fast' | 'too-many-today';
  startLimit(): { total: number; remaining: number; reset_after: number; max_concurrency: number };
  /** Counts what one connection sends. */
  sendCounter(): { take(): boolean };
}

const DAY = 24 * 60 * 60_000;

export function createConnectionLimits(clock: MovableClock, limits: Limits): ConnectionLimits {
  let starts: number[] = [];
  const lastOfKey = new Map<number, number>();
  const recent = (): number[] => {
    starts = starts.filter((time) => time > clock.now() - DAY);
    return starts;
  };
  return {
    takeIdentify(shard) {
      const now = clock.now();
      if (recent().length >= limits.identifiesPerDay) return 'too-many-today';
      starts.push(now);
      const key = shard % limits.identifyConcurrency;
      const last = lastOfKey.get(key);
      if (last !== undefined && now - last < limits.identifyWindowMs) return 'too-fast';
      lastOfKey.set(key, now);
      return 'fine';
    },
    startLimit() {
      const used = recent();
      return {
        total: limits.identifiesPerDay,
        remaining: Math.max(0, limits.identifiesPerDay - used.length),
        reset_after: used[0] === undefined ? 0 : Math.round(used[0] + DAY - clock.now()),
        max_concurrency: limits.identifyConcurrency,
      };
    },
    sendCounter() {
      let sent = 0;
      let resetsAt = 0;
      return {
        take() {
          const now = clock.now();
          if (now >= resetsAt) {
            sent = 0;
            resetsAt = now + limits.gatewaySendsMs;
          }
          sent += 1;
          return sent <= limits.gatewaySends;
        },
      };
    },
  };
}
