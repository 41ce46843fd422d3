/**
 * Keeps logins apart, over restarts too: Discord allows 1,000 a day and then replaces the token of the bot. The first few of an
 * hour wait no longer than the gateway wants; then each waits twice as long as the one before.
 */

import type { IIdentifyThrottler } from 'discord.js';
import type { Keyv } from 'keyv';
import pLimit, { type LimitFunction } from 'p-limit';
import type { Clock } from '../../../util/clock.ts';
import { messageOf } from '../../../util/errors.ts';
import type { Logger } from '../../../util/logger.ts';
import { IDENTIFY_SPACING_MS } from './limits.ts';

export interface LoginPaceDependencies {
  /** Times of the last hour's logins, in milliseconds since 1970. */
  readonly store: Keyv<readonly number[]>;
  /** Of the bot. */
  readonly applicationId: string;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
}

const HOUR_MS = 60 * 60 * 1000;
/** Restarts while somebody tries something out. */
const FREE_AN_HOUR = 6;
/** At most one login in ten minutes: 144 a day. */
const LONGEST_WAIT_MS = 10 * 60 * 1000;

export interface Fleet {
  /** Logins that the gateway takes at once; shards with the same remainder share one place. */
  readonly concurrency: number;
  readonly shards: number;
}

/** What it gives never rejects but when its signal aborts: discord.js 14.28 would log in twice. */
export function createLoginPace(dependencies: LoginPaceDependencies): (fleet: Fleet) => IIdentifyThrottler {
  const { store, applicationId, clock, logger } = dependencies;
  const places = new Map<number, LimitFunction>();
  /** In case the store fails. */
  const remembered = new Map<string, readonly number[]>();

  async function takeTurn(place: number, shardsThere: number, signal: AbortSignal): Promise<void> {
    const key = `${applicationId}/${place}`;
    const now = clock.now();
    const recent = (await timesOf(key)).filter((time) => time > now - HOUR_MS && time <= now);
    const wait = (recent.at(-1) ?? -Infinity) + waitAfter(recent.length / shardsThere) - now;
    if (wait > IDENTIFY_SPACING_MS) {
      logger.warn(
        { logins: recent.length, seconds: Math.ceil(wait / 1000) },
        'many logins within an hour; the next one waits, because Discord replaces the token of a bot that logs in too often',
      );
    }
    if (wait > 0) await clock.wait(wait, signal);
    signal.throwIfAborted();
    await keep(key, [...recent, clock.now()]);
  }

  async function timesOf(key: string): Promise<readonly number[]> {
    const known = remembered.get(key) ?? [];
    try {
      return (await store.get(key)) ?? known;
    } catch {
      return known;
    }
  }

  async function keep(key: string, times: readonly number[]): Promise<void> {
    remembered.set(key, times);
    try {
      await store.set(key, times, HOUR_MS);
    } catch (error) {
      logger.warn({ reason: messageOf(error) }, 'a login at Discord could not be remembered');
    }
  }

  return ({ concurrency, shards }) => ({
    waitForIdentify(shardId, signal) {
      const place = shardId % Math.max(1, concurrency);
      const inTurn = places.get(place) ?? pLimit(1);
      places.set(place, inTurn);
      const shardsThere = Math.max(1, Math.ceil(shards / Math.max(1, concurrency)));
      return inTurn(() => takeTurn(place, shardsThere, signal));
    },
  });
}

/** Milliseconds from the last login to the next. @param logins of each shard in the hour before, on average. */
export function waitAfter(logins: number): number {
  return Math.min(LONGEST_WAIT_MS, IDENTIFY_SPACING_MS * 2 ** Math.max(0, Math.floor(logins) - FREE_AN_HOUR));
}
