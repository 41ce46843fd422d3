/** Keeps one person or one community from taking the bot away from everybody else. Counts live in memory only. */

import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Origin, PhotoPost } from './conversation.ts';
import { personKey } from './keys.ts';
import type { ChatLimits, Limit } from '../config/rate-limits.ts';

export interface Refusal {
  readonly scope: 'person' | 'community' | 'presses';
  /** Whole seconds until the next one is answered, at least 1. */
  readonly waitSeconds: number;
  /** The first refusal of this person before that; it says how long to wait, so those after it may be left alone. */
  readonly first: boolean;
}

export interface FairUse {
  /** Counts a post. Undefined: it may be answered. */
  post(origin: Origin): Promise<Refusal | undefined>;
  /** Counts a press. Undefined: it may be done. */
  press(origin: Origin): Promise<Refusal | undefined>;
  /**
   * Whether a post would be refused without a word: over the limit, and the person was told. Counts nothing.
   * Commands are never refused without a word, because their platform waits for an answer.
   */
  isSilent(origin: Origin, trigger: PhotoPost['trigger']): Promise<boolean>;
}

export function createFairUse(limits: ChatLimits): FairUse {
  const person = limiterOf(limits.person);
  const community = limiterOf(limits.community);
  const presses = limiterOf(limits.presses);
  const told = new RateLimiterMemory({ points: 1, duration: 1 });

  async function count(
    limiter: RateLimiterMemory | undefined,
    key: string | undefined,
    scope: Refusal['scope'],
    origin: Origin,
  ): Promise<Refusal | undefined> {
    if (!limiter || key === undefined) return undefined;
    const waitSeconds = await spend(limiter, key);
    if (waitSeconds === 0) return undefined;
    const toldBefore = (await spend(told, toldKey(scope, origin), waitSeconds)) > 0;
    return { scope, waitSeconds, first: !toldBefore };
  }

  async function isOver(limiter: RateLimiterMemory | undefined, key: string | undefined): Promise<boolean> {
    const state = limiter && key !== undefined ? await limiter.get(key) : null;
    return state !== null && state.remainingPoints === 0 && state.msBeforeNext > 0;
  }

  return {
    post: async (origin) =>
      (await count(person, personKey(origin), 'person', origin)) ??
      (await count(community, communityKey(origin), 'community', origin)),

    press: (origin) => count(presses, personKey(origin), 'presses', origin),

    async isSilent(origin, trigger) {
      if (trigger === 'command') return false;
      const scopes = [
        ['person', person, personKey(origin)],
        ['community', community, communityKey(origin)],
      ] as const;
      for (const [scope, limiter, key] of scopes) {
        if ((await isOver(limiter, key)) && (await isOver(told, toldKey(scope, origin)))) return true;
      }
      return false;
    },
  };
}

// --- Internal helpers ---

function limiterOf(limit: Limit | undefined): RateLimiterMemory | undefined {
  return limit && new RateLimiterMemory({ points: limit.count, duration: limit.seconds });
}

/** Seconds to wait, 0 when the point could be spent. */
async function spend(limiter: RateLimiterMemory, key: string, customDuration?: number): Promise<number> {
  try {
    await limiter.consume(key, 1, customDuration === undefined ? {} : { customDuration });
    return 0;
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error;
    return Math.max(1, Math.ceil(error.msBeforeNext / 1000));
  }
}

function communityKey({ door, community }: Origin): string | undefined {
  return community === undefined ? undefined : JSON.stringify([door, community]);
}

function toldKey(scope: Refusal['scope'], origin: Origin): string {
  return JSON.stringify([scope, personKey(origin), communityKey(origin)]);
}
