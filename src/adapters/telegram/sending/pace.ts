/** Telegram's flood rules, kept on our side: sliding windows a chat, a group and over all, and pauses after a 429. */

import { LRUCache } from 'lru-cache';
import type { Clock } from '../../../util/clock.ts';
import { CHAT_RATE, GLOBAL_RATE, GROUP_EDIT_RATE, GROUP_RATE, type Rate } from '../api/limits.ts';

export interface Step {
  readonly chat: number;
  /** `edit` counts in groups only, a `call` (deletion and the like) not at all; both honour pauses. */
  readonly kind: 'message' | 'edit' | 'call';
  /** Messages it makes: the pictures of an album, else 1. */
  readonly cost: number;
}

export interface Pace {
  /**
   * Resolves when it may be sent, and counts it; at once and uncounted when `signal` aborts.
   * @returns takes it off the count again, because nothing was sent.
   */
  turn(step: Step, signal: AbortSignal): Promise<() => void>;
  /** Telegram answered 429: the chat waits, and everybody when a second chat is told so meanwhile. */
  flooded(chat: number, seconds: number): void;
}

/** Chats whose last minute is remembered; of more at once, the longest idle lose their count, which costs a 429 at worst. */
const MAX_CHATS = 5000;
/** The server counts when a call arrives, a little after us. */
const MARGIN_MS = 250;

export function createPace(clock: Clock): Pace {
  const chats = new LRUCache<number, ReturnType<typeof createChatPace>>({ max: MAX_CHATS });
  const all = createWindow(GLOBAL_RATE);
  let pausedUntil = 0;
  let lastFlood = { chat: NaN, until: 0 };

  function paceOf(chat: number): ReturnType<typeof createChatPace> {
    const known = chats.get(chat) ?? createChatPace(chat < 0);
    chats.set(chat, known);
    return known;
  }

  return {
    async turn({ chat, kind, cost }, signal) {
      const windows =
        kind === 'call' ? [] : [...paceOf(chat).windows[kind], ...(kind === 'message' ? [all] : [])];
      while (!signal.aborted) {
        const now = clock.now();
        const waits = windows.map((window) => window.wait(now, cost));
        const wait = Math.max(pausedUntil - now, paceOf(chat).pausedUntil - now, ...waits, 0);
        if (wait <= 0) {
          const uncount = windows.map((window) => window.count(now, cost));
          return () => {
            for (const back of uncount) back();
          };
        }
        await clock.wait(wait, signal);
      }
      return () => undefined;
    },

    flooded(chat, seconds) {
      const now = clock.now();
      const until = now + seconds * 1000;
      const own = paceOf(chat);
      own.pausedUntil = Math.max(own.pausedUntil, until);
      if (lastFlood.chat !== chat && lastFlood.until > now) pausedUntil = Math.max(pausedUntil, until);
      lastFlood = { chat, until };
    },
  };
}

// --- Internal helpers ---

function createChatPace(isGroup: boolean) {
  const message = [createWindow(CHAT_RATE), ...(isGroup ? [createWindow(GROUP_RATE)] : [])];
  return { pausedUntil: 0, windows: { message, edit: isGroup ? [createWindow(GROUP_EDIT_RATE)] : [] } };
}

interface Window {
  /** Milliseconds until `cost` fits; 0: now. */
  wait(now: number, cost: number): number;
  /** @returns takes it back. */
  count(now: number, cost: number): () => void;
}

function createWindow({ count: most, ms }: Rate): Window {
  let sent: { readonly at: number; readonly cost: number }[] = [];
  return {
    wait(now, cost) {
      sent = sent.filter(({ at }) => at + ms + MARGIN_MS > now);
      let surplus = sent.reduce((sum, entry) => sum + entry.cost, 0) + Math.min(cost, most) - most;
      for (const entry of sent) {
        if (surplus <= 0) break;
        surplus -= entry.cost;
        if (surplus <= 0) return entry.at + ms + MARGIN_MS - now;
      }
      return 0;
    },
    count(now, cost) {
      const entry = { at: now, cost };
      sent.push(entry);
      return () => {
        sent = sent.filter((other) => other !== entry);
      };
    },
  };
}
