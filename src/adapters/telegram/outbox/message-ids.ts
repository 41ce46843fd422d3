/** Message ids that are known of each chat: what a message sent now must be above, and which it cannot be. */

import { LRUCache } from 'lru-cache';

/** By count. */
export type Newest = Readonly<Record<string, number>>;

export interface MessageIds {
  seen(chat: number, message: number): void;
  /** The newest; undefined when nothing of the chat was seen yet. */
  last(chat: number): number | undefined;
  /** Whether it is a message seen lately, of this chat or of another that shares its count. */
  has(chat: number, message: number): boolean;
  /** The newest of every count, for the next process: it may see older messages first, and must not take what this one sent for its own. */
  newest(): Newest;
  /** Whether the chat has a count of its own, so that every id in between is one of its messages. */
  isAlone(chat: number): boolean;
}

/** Of more at once, the longest idle are forgotten. */
const MAX_CHATS = 5000;
const MAX_MESSAGES = 5000;

/** @param earlier what an earlier process knew. */
export function createMessageIds(earlier: Newest = {}): MessageIds {
  const newest = new LRUCache<string, number>({ max: MAX_CHATS });
  for (const [series, message] of Object.entries(earlier)) newest.set(series, message);
  const known = new LRUCache<string, true>({ max: MAX_MESSAGES });
  return {
    seen(chat, message) {
      const series = seriesOf(chat);
      newest.set(series, Math.max(message, newest.get(series) ?? 0));
      known.set(`${series} ${message}`, true);
    },
    last: (chat) => newest.get(seriesOf(chat)),
    has: (chat, message) => known.has(`${seriesOf(chat)} ${message}`),
    newest: () => Object.fromEntries(newest.entries()),
    isAlone,
  };
}

// --- Internal helpers ---

/** Supergroups and channels count for themselves; private chats and basic groups share the bot's own count. */
function isAlone(chat: number): boolean {
  return chat <= -1_000_000_000_000;
}

function seriesOf(chat: number): string {
  return isAlone(chat) ? String(chat) : 'account';
}
