/** Rate limits: the buckets of routes, the global limit, and the ban after too many refused requests. */

import { createHash } from 'node:crypto';
import type { BucketName, Buckets, Limits } from './limits.ts';
import type { MovableClock } from '../clock.ts';

export interface Verdict {
  readonly headers: Readonly<Record<string, string>>;
  /** Set where the request is refused with 429. */
  readonly refused: { readonly retryAfterSeconds: number; readonly global: boolean } | null;
}

export interface RateLimiter {
  /** Counts one request. `major` is the channel, server or interaction it belongs to. */
  take(bucket: BucketName | null, major: string, countsGlobally: boolean): Verdict;
  /** Counts a 401, 403 or 429. */
  countInvalid(): void;
  /** Refused requests within the last ten minutes. */
  invalidRequests(): number;
  /** Seconds until the ban for too many refused requests ends; 0 without one. */
  bannedForSeconds(): number;
}

export function createRateLimiter(clock: MovableClock, limits: Limits, buckets: Buckets | null): RateLimiter {
  const windows = new Map<string, { used: number; resetsAt: number }>();
  let invalid: number[] = [];
  let bannedUntil = 0;

  const use = (key: string, requests: number, windowMs: number): { left: number; resetsAt: number } => {
    const now = clock.now();
    let window = windows.get(key);
    if (!window || window.resetsAt <= now) {
      window = { used: 0, resetsAt: now + windowMs };
      windows.set(key, window);
    }
    window.used += 1;
    return { left: requests - window.used, resetsAt: window.resetsAt };
  };

  return {
    take(bucket, major, countsGlobally) {
      if (countsGlobally && buckets !== null) {
        const all = use('global', limits.globalRequestsPerSecond, 1000);
        if (all.left < 0) {
          const retryAfterSeconds = (all.resetsAt - clock.now()) / 1000;
          return { headers: {}, refused: { retryAfterSeconds, global: true } };
        }
      }
      if (bucket === null || buckets === null) return { headers: {}, refused: null };
      const { requests, windowMs } = buckets[bucket];
      const { left, resetsAt } = use(`${bucket}:${major}`, requests, windowMs);
      const after = Math.max(0, resetsAt - clock.now()) / 1000;
      const headers = {
        'x-ratelimit-limit': String(requests),
        'x-ratelimit-remaining': String(Math.max(0, left)),
        'x-ratelimit-reset': (resetsAt / 1000).toFixed(3),
        'x-ratelimit-reset-after': after.toFixed(3),
        'x-ratelimit-bucket': createHash('md5').update(bucket).digest('hex'),
      };
      return { headers, refused: left < 0 ? { retryAfterSeconds: after, global: false } : null };
    },
    countInvalid() {
      const now = clock.now();
      invalid = invalid.filter((time) => time > now - limits.invalidRequestsMs);
      invalid.push(now);
      if (invalid.length >= limits.invalidRequests) bannedUntil = now + limits.invalidRequestsMs;
    },
    invalidRequests: () => invalid.filter((time) => time > clock.now() - limits.invalidRequestsMs).length,
    bannedForSeconds: () => Math.max(0, (bannedUntil - clock.now()) / 1000),
  };
}
