/** Chats in which the bot may not answer: told to the operator once each, not with every photo. */

import { LRUCache } from 'lru-cache';
import type { Logger } from '../../../logger.ts';
import type { CallError } from '../api/call-error.ts';

export interface UnreachableChats {
  report(chat: number, error: CallError): void;
  /** The bot's standing there changed, so the next failure is news. */
  forget(chat: number): void;
}

export function createUnreachableChats(logger: Pick<Logger, 'warn'>): UnreachableChats {
  const told = new LRUCache<number, string>({ max: 1000 });
  return {
    report(chat, error) {
      if (error.failure === 'refused' && told.get(chat) === error.description) return;
      if (error.failure === 'refused') told.set(chat, error.description);
      // The id of a private chat is a person's.
      logger.warn(
        { chat: chat < 0 ? chat : 'private', reason: error.message },
        'an answer could not be sent to this chat',
      );
    },
    forget(chat) {
      told.delete(chat);
    },
  };
}
