/**
 * Spaces out logins, across restarts too: Discord allows 1,000 a day and then replaces the token of the bot. The first few
 * logins of an hour wait only as long as the gateway requires; after that each waits twice as long as the one before.
 */

import type { IIdentifyThrottler } from 'discord.js';
import type { Keyv } from 'keyv';
import { backoffMs } from '../../../util/backoff.ts';
import type { Clock } from '../../../util/clock.ts';
import { messageOf } from '../../../util/errors.ts';
import type { Logger } from '../../../util/logger.ts';
import { createMutex, type Mutex } from '../../../util/mutex.ts';
import { IDENTIFY_SPACING_MS } from './limits.ts';

export interface LoginThrottleDependencies {
  /** Times of the last hour's logins, in milliseconds since 1970. */
  readonly store: Keyv<readonly number[]>;
  /** Of the bot. */
  readonly applicationId: string;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
}

const HOUR_MS = 60 * 60 * 1000;
/** Room for restarts while somebody tries something out. */
const FREE_AN_HOUR = 6;
/** At most one login in ten minutes: 144 a day. */
const LONGEST_WAIT_MS = 10 * 60 * 1000;

export interface ShardCounts {
  /** Discord's `max_concurrency`: logins that the gateway accepts at once. Shards with the same remainder share one of these places. */
  readonly concurrency: number;
  readonly shards: number;
}

/** `waitForIdentify` rejects only when its signal aborts: after any other error discord.js 14.28 would log in twice. */
export function createLoginThrottle(
  dependencies: LoginThrottleDependencies,
): (counts: ShardCounts) => IIdentifyThrottler {
  const { store, applicationId, clock, logger } = dependencies;
  const places = new Map<number, Mutex>();
  /** Used when the store fails. */
  const inMemory = new Map<string, readonly number[]>();

  async function waitForLogin(place: number, shardsThere: number, signal: AbortSignal): Promise<void> {
    const key = `${applicationId}/${place}`;
    const now = clock.now();
    const recent = (await timesOf(key)).filter((time) => time > now - HOUR_MS && time <= now);
    const wait = (recent.at(-1) ?? -Infinity) + waitAfter(recent.length / shardsThere) - now;
    if (wait > IDENTIFY_SPACING_MS) {
      logger.warn(
        { logins: recent.length, seconds: Math.ceil(wait / 1000) },
        'there were many logins within an hour; the next one waits, because Discord replaces the token of a bot that logs in too often',
      );
    }
    if (wait > 0) await clock.wait(wait, signal);
    signal.throwIfAborted();
    await keep(key, [...recent, clock.now()]);
  }

  async function timesOf(key: string): Promise<readonly number[]> {
    const known = inMemory.get(key) ?? [];
    try {
      return (await store.get(key)) ?? known;
    } catch {
      return known;
    }
  }

  async function keep(key: string, times: readonly number[]): Promise<void> {
    inMemory.set(key, times);
    try {
      await store.set(key, times, HOUR_MS);
    } catch (error) {
      logger.warn({ reason: messageOf(error) }, 'the time of a login to Discord could not be stored');
    }
  }

  return ({ concurrency, shards }) => ({
    waitForIdentify(shardId, signal) {
      const place = shardId % Math.max(1, concurrency);
      const mutex = places.get(place) ?? createMutex();
      places.set(place, mutex);
      const shardsThere = Math.max(1, Math.ceil(shards / Math.max(1, concurrency)));
      return mutex.run(() => waitForLogin(place, shardsThere, signal));
    },
  });
}

/** Milliseconds from the last login to the next. @param logins per shard in the hour before. */
export function waitAfter(logins: number): number {
  const beyondFree = Math.max(0, Math.floor(logins) - FREE_AN_HOUR);
  return backoffMs(beyondFree + 1, { firstMs: IDENTIFY_SPACING_MS, mostMs: LONGEST_WAIT_MS });
}
