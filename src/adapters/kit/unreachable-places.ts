/** Places in which a door may not answer. Each is logged once, not for every photo. */

import { LRUCache } from 'lru-cache';
import type { Logger } from '../../util/logger.ts';

export interface UnreachablePlace {
  /** Channel or chat, as the platform names it. */
  readonly place: string;
  /** What the log may say of it: the id of a private chat is a person's. */
  readonly label: string;
  /** What the platform answered, free of secrets. */
  readonly reason: string;
  /** Stays the same as long as the cause does. Undefined: the cause may be another one each time, so each failure is logged. */
  readonly cause?: string | undefined;
}

export interface UnreachablePlaces {
  report(failure: UnreachablePlace): void;
  /** The bot's permissions there changed, so the next failure is logged again. */
  forget(place: string): void;
}

export function createUnreachablePlaces(logger: Pick<Logger, 'warn'>): UnreachablePlaces {
  const reported = new LRUCache<string, string>({ max: 1000 });
  return {
    report({ place, label, reason, cause }) {
      if (cause !== undefined && reported.get(place) === cause) return;
      if (cause !== undefined) reported.set(place, cause);
      logger.warn({ chat: label, reason }, 'an answer could not be sent to this chat');
    },
    forget(place) {
      reported.delete(place);
    },
  };
}
