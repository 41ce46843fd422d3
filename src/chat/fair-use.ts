/** Keeps one person or one community from taking all of the bot's time. Counts live in memory only. */

import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { ChatLimits, Limit } from '../config/rate-limits.ts';
import type { Origin, PostHeader } from './conversation.ts';
import { personKey } from './keys.ts';

export interface Refusal {
  readonly scope: 'person' | 'community' | 'clicks';
  /** Whole seconds until the next request is answered, at least 1. */
  readonly waitSeconds: number;
  /** Whether this person's first refusal of this wait: it says how long the wait is, so later ones may go unanswered. */
  readonly first: boolean;
}

export interface FairUse {
  /** Counts a post. Undefined when it may be answered. */
  post(origin: Origin): Promise<Refusal | undefined>;
  /** Counts a button click. Undefined when it may be run. */
  click(origin: Origin): Promise<Refusal | undefined>;
  /**
   * Whether a post would go unanswered because it is over the limit and the person was notified of that. Counts nothing.
   * False for commands, because their platform waits for a reply.
   */
  isSilent(origin: Origin, trigger: PostHeader['trigger']): Promise<boolean>;
}

export function createFairUse(limits: ChatLimits): FairUse {
  const person = limiterOf(limits.person);
  const community = limiterOf(limits.community);
  const clicks = limiterOf(limits.presses);
  /** One point for each wait of a person: spent when the person was notified of it. */
  const notified = new RateLimiterMemory({ points: 1, duration: 1 });

  async function count(
    limiter: RateLimiterMemory | undefined,
    key: string | undefined,
    scope: Refusal['scope'],
    origin: Origin,
  ): Promise<Refusal | undefined> {
    if (!limiter || key === undefined) return undefined;
    const waitSeconds = await spend(limiter, key);
    if (waitSeconds === 0) return undefined;
    const notifiedBefore = (await spend(notified, noticeKey(scope, origin), waitSeconds)) > 0;
    return { scope, waitSeconds, first: !notifiedBefore };
  }

  async function isUsedUp(limiter: RateLimiterMemory | undefined, key: string | undefined): Promise<boolean> {
    const state = limiter && key !== undefined ? await limiter.get(key) : null;
    return state !== null && state.remainingPoints === 0 && state.msBeforeNext > 0;
  }

  return {
    post: async (origin) =>
      (await count(person, personKey(origin), 'person', origin)) ??
      (await count(community, communityKey(origin), 'community', origin)),

    click: (origin) => count(clicks, personKey(origin), 'clicks', origin),

    async isSilent(origin, trigger) {
      if (trigger === 'command') return false;
      const scopes = [
        ['person', person, personKey(origin)],
        ['community', community, communityKey(origin)],
      ] as const;
      for (const [scope, limiter, key] of scopes) {
        if ((await isUsedUp(limiter, key)) && (await isUsedUp(notified, noticeKey(scope, origin))))
          return true;
      }
      return false;
    },
  };
}

// --- Internal helpers ---

function limiterOf(limit: Limit | undefined): RateLimiterMemory | undefined {
  return limit && new RateLimiterMemory({ points: limit.count, duration: limit.seconds });
}

/** Returns the seconds to wait; 0 when the point could be spent. */
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

function noticeKey(scope: Refusal['scope'], origin: Origin): string {
  return JSON.stringify([scope, personKey(origin), communityKey(origin)]);
}
