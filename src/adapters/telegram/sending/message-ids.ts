/** Message ids that are known of each chat: what a message sent now must be above, and which it cannot be. */

import { LRUCache } from 'lru-cache';

export interface MessageIds {
  seen(chat: number, message: number): void;
  /** The newest; undefined when nothing of the chat was seen yet. */
  last(chat: number): number | undefined;
  /** Whether it is a message seen lately, of this chat or of another that shares its count. */
  has(chat: number, message: number): boolean;
  /** Whether the chat has a count of its own, so that every id in between is one of its messages. */
  isAlone(chat: number): boolean;
  /** A new moment in the order of the bot's calls. */
  moment(): number;
  /** The bot sent it, by a call that began at that moment. */
  sent(chat: number, message: number, began: number): void;
  /** So many messages are on their way, under ids that are not known, until the returned function is called. */
  handed(chat: number, messages: number): () => void;
  underway(chat: number): number;
  /** What any message is below that was sent before that moment; undefined while no later call has come back. */
  bound(chat: number, moment: number): number | undefined;
}

/** Of more at once, the longest idle are forgotten. */
const MAX_CHATS = 5000;
const MAX_MESSAGES = 20_000;

export function createMessageIds(): MessageIds {
  const newest = new LRUCache<string, number>({ max: MAX_CHATS });
  const latest = new LRUCache<string, { readonly began: number; readonly message: number }>({
    max: MAX_CHATS,
  });
  const known = new LRUCache<string, true>({ max: MAX_MESSAGES });
  const underway = new Map<string, number>();
  let moments = 0;

  function seen(chat: number, message: number): void {
    const series = seriesOf(chat);
    newest.set(series, Math.max(message, newest.get(series) ?? 0));
    known.set(`${series} ${message}`, true);
  }

  return {
    seen,
    last: (chat) => newest.get(seriesOf(chat)),
    has: (chat, message) => known.has(`${seriesOf(chat)} ${message}`),
    isAlone,
    moment: () => ++moments,
    sent(chat, message, began) {
      const series = seriesOf(chat);
      if (began >= (latest.get(series)?.began ?? 0)) latest.set(series, { began, message });
      seen(chat, message);
    },
    handed(chat, messages) {
      const series = seriesOf(chat);
      const add = (more: number): void => {
        const sum = (underway.get(series) ?? 0) + more;
        if (sum === 0) underway.delete(series);
        else underway.set(series, sum);
      };
      add(messages);
      return () => {
        add(-messages);
      };
    },
    underway: (chat) => underway.get(seriesOf(chat)) ?? 0,
    bound(chat, moment) {
      const known = latest.get(seriesOf(chat));
      return known && known.began > moment ? known.message : undefined;
    },
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
