/** Observes Telegram's flood limits before it has to refuse: sliding windows for each chat, each group and all chats, and pauses after a 429. */

import { LRUCache } from 'lru-cache';
import type { Clock } from '../../../util/clock.ts';
import { CHAT_RATE, GLOBAL_RATE, GROUP_EDIT_RATE, GROUP_RATE, type Rate } from '../api/limits.ts';

export interface RateLimitedCall {
  readonly chat: number;
  /** An `edit` counts in groups only, an `other` call (a deletion and the like) not at all. All of them observe pauses. */
  readonly kind: 'message' | 'edit' | 'other';
  /** How many messages it makes: the pictures of an album, otherwise 1. */
  readonly cost: number;
}

export interface RateLimiter {
  /**
   * Resolves when the call may be made, and counts it. Resolves at once and counts nothing when `signal` aborts.
   * @returns a function that removes the call from the count, if nothing was sent.
   */
  acquire(call: RateLimitedCall, signal: AbortSignal): Promise<() => void>;
  /** Telegram answered 429: the chat pauses, and all chats do when a second chat gets a 429 during that pause. */
  flooded(chat: number, seconds: number): void;
}

/** When there are more, the counts of the chats idle for longest are forgotten, which costs a 429 at worst. */
const MAX_CHATS = 5000;
/** The server counts a call when it arrives, a little later than we do. */
const MARGIN_MS = 250;

export function createRateLimiter(clock: Clock): RateLimiter {
  const chats = new LRUCache<number, ReturnType<typeof createChatLimits>>({ max: MAX_CHATS });
  const allChats = createWindow(GLOBAL_RATE);
  let pausedUntil = 0;
  let lastFlood = { chat: NaN, until: 0 };

  function limitsOf(chat: number): ReturnType<typeof createChatLimits> {
    const limits = chats.get(chat) ?? createChatLimits(chat < 0);
    chats.set(chat, limits);
    return limits;
  }

  return {
    async acquire({ chat, kind, cost }, signal) {
      const windows =
        kind === 'other' ? [] : [...limitsOf(chat).windows[kind], ...(kind === 'message' ? [allChats] : [])];
      while (!signal.aborted) {
        const now = clock.now();
        const waits = windows.map((window) => window.wait(now, cost));
        const wait = Math.max(pausedUntil - now, limitsOf(chat).pausedUntil - now, ...waits, 0);
        if (wait <= 0) {
          const releases = windows.map((window) => window.count(now, cost));
          return () => {
            for (const release of releases) release();
          };
        }
        await clock.wait(wait, signal);
      }
      return () => undefined;
    },

    flooded(chat, seconds) {
      const now = clock.now();
      const until = now + seconds * 1000;
      const limits = limitsOf(chat);
      limits.pausedUntil = Math.max(limits.pausedUntil, until);
      if (lastFlood.chat !== chat && lastFlood.until > now) pausedUntil = Math.max(pausedUntil, until);
      lastFlood = { chat, until };
    },
  };
}

// --- Internal helpers ---

function createChatLimits(isGroup: boolean) {
  const message = [createWindow(CHAT_RATE), ...(isGroup ? [createWindow(GROUP_RATE)] : [])];
  return { pausedUntil: 0, windows: { message, edit: isGroup ? [createWindow(GROUP_EDIT_RATE)] : [] } };
}

interface Window {
  /** Milliseconds until `cost` fits. 0: now. */
  wait(now: number, cost: number): number;
  /** @returns a function that removes it from the count. */
  count(now: number, cost: number): () => void;
}

function createWindow({ count: most, ms }: Rate): Window {
  let counted: { readonly at: number; readonly cost: number }[] = [];
  return {
    wait(now, cost) {
      counted = counted.filter(({ at }) => at + ms + MARGIN_MS > now);
      let surplus = counted.reduce((sum, entry) => sum + entry.cost, 0) + Math.min(cost, most) - most;
      for (const entry of counted) {
        if (surplus <= 0) break;
        surplus -= entry.cost;
        if (surplus <= 0) return entry.at + ms + MARGIN_MS - now;
      }
      return 0;
    },
    count(now, cost) {
      const entry = { at: now, cost };
      counted.push(entry);
      return () => {
        counted = counted.filter((other) => other !== entry);
      };
    },
  };
}
