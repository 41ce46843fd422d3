/**
 * Message ids known of each chat: a message sent now has a greater id, and cannot have one of these. Ids rise in a sequence;
 * supergroups and channels have their own, private chats and basic groups share one of the bot's account.
 */

import { LRUCache } from 'lru-cache';

export interface MessageIds {
  /** A message exists under this id. */
  seen(chat: number, message: number): void;
  /** The greatest known id. Undefined when no message of the chat was seen yet. */
  newest(chat: number): number | undefined;
  /** Whether this is a message seen lately, in this chat or in another one of the same sequence. */
  has(chat: number, message: number): boolean;
  /** Whether the chat has a sequence of its own, so that every id in between is one of its messages. */
  hasOwnSequence(chat: number): boolean;
  /** The next number in the order in which the bot's calls begin. */
  nextCall(): number;
  /** The bot sent this message by the call of that number. */
  sent(chat: number, message: number, call: number): void;
  /** Counts messages that are being sent, under ids that are not known yet, until the returned function is called. */
  startSending(chat: number, messages: number): () => void;
  inFlight(chat: number): number;
  /** An id greater than that of any message sent before the call of that number. Undefined while no later call has returned. */
  upperBound(chat: number, call: number): number | undefined;
}

/** When there are more, the ones unused for longest are forgotten. */
const MAX_CHATS = 5000;
const MAX_MESSAGES = 20_000;

export function createMessageIds(): MessageIds {
  const newest = new LRUCache<string, number>({ max: MAX_CHATS });
  const latestSent = new LRUCache<string, { readonly call: number; readonly message: number }>({
    max: MAX_CHATS,
  });
  const known = new LRUCache<string, true>({ max: MAX_MESSAGES });
  const inFlight = new Map<string, number>();
  let calls = 0;

  function seen(chat: number, message: number): void {
    const sequence = sequenceOf(chat);
    newest.set(sequence, Math.max(message, newest.get(sequence) ?? 0));
    known.set(`${sequence} ${message}`, true);
  }

  return {
    seen,
    newest: (chat) => newest.get(sequenceOf(chat)),
    has: (chat, message) => known.has(`${sequenceOf(chat)} ${message}`),
    hasOwnSequence,
    nextCall: () => ++calls,
    sent(chat, message, call) {
      const sequence = sequenceOf(chat);
      if (call >= (latestSent.get(sequence)?.call ?? 0)) latestSent.set(sequence, { call, message });
      seen(chat, message);
    },
    startSending(chat, messages) {
      const sequence = sequenceOf(chat);
      const add = (more: number): void => {
        const sum = (inFlight.get(sequence) ?? 0) + more;
        if (sum === 0) inFlight.delete(sequence);
        else inFlight.set(sequence, sum);
      };
      add(messages);
      return () => {
        add(-messages);
      };
    },
    inFlight: (chat) => inFlight.get(sequenceOf(chat)) ?? 0,
    upperBound(chat, call) {
      const latest = latestSent.get(sequenceOf(chat));
      return latest && latest.call > call ? latest.message : undefined;
    },
  };
}

// --- Internal helpers ---

function hasOwnSequence(chat: number): boolean {
  return chat <= -1_000_000_000_000;
}

function sequenceOf(chat: number): string {
  return hasOwnSequence(chat) ? String(chat) : 'account';
}
