/** Places in which a door may not answer: told to the operator once each, not with every photo. */

import { LRUCache } from 'lru-cache';
import type { Logger } from '../../util/logger.ts';

export interface Unreachable {
  /** Channel or chat, as the platform names it. */
  readonly place: string;
  /** What may be logged of it: the id of a private chat is a person's. */
  readonly shown: string;
  /** What the platform said, free of secrets. */
  readonly reason: string;
  /** Stays the same as long as the cause does; undefined: it may be different next time, so each is news. */
  readonly cause?: string | undefined;
}

export interface UnreachablePlaces {
  report(failure: Unreachable): void;
  /** The bot's standing there changed, so the next failure is news. */
  forget(place: string): void;
}

export function createUnreachablePlaces(logger: Pick<Logger, 'warn'>): UnreachablePlaces {
  const told = new LRUCache<string, string>({ max: 1000 });
  return {
    report({ place, shown, reason, cause }) {
      if (cause !== undefined && told.get(place) === cause) return;
      if (cause !== undefined) told.set(place, cause);
      logger.warn({ chat: shown, reason }, 'an answer could not be sent to this chat');
    },
    forget(place) {
      told.delete(place);
    },
  };
}
