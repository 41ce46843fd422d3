/** Who sent a request, and from where, in the conversation's terms. Telegram is asked each time who is an administrator. */

import { z } from 'zod';
import type { Origin } from '../../../chat/conversation.ts';
import type { Clock } from '../../../util/clock.ts';
import { messageOf } from '../../../util/errors.ts';
import type { Logger } from '../../../util/logger.ts';
import type { BotApi } from '../api/bot-api.ts';
import { callWithRetry } from '../api/call-with-retry.ts';
import { placeIdOf, type RequestContext } from '../updates/request.ts';

export const DOOR = 'telegram';

export interface Origins {
  of(context: RequestContext): Origin;
  /** Whether a person, or the bot itself, is an administrator of a group now. False when Telegram does not answer. */
  isAdministrator(chat: number, user: number): Promise<boolean>;
}

export interface OriginsDependencies {
  readonly api: BotApi;
  readonly clock: Clock;
  /** Ids of people who are moderators in their own chat with the bot. */
  readonly admins: readonly string[];
  readonly logger: Pick<Logger, 'warn'>;
  /** Aborted when the door gives up waiting. */
  readonly signal: AbortSignal;
}

export function createOrigins({ api, clock, admins, logger, signal }: OriginsDependencies): Origins {
  async function isAdministrator(chat: number, user: number): Promise<boolean> {
    try {
      const payload = { chat_id: chat, user_id: user };
      const found = await callWithRetry({ api, clock }, 'getChatMember', payload, { signal, tries: 3 });
      return ADMINISTRATORS.has(member.parse(found).status);
    } catch (error) {
      logger.warn(
        { reason: messageOf(error) },
        'Telegram did not say whether somebody is an administrator; the bot assumes that they are not',
      );
      return false;
    }
  }

  return {
    isAdministrator,

    of(context) {
      const { chat, isPrivate, person, asChat, locale } = context;
      return {
        door: DOOR,
        person: String(person),
        place: placeIdOf(context),
        community: isPrivate ? undefined : String(chat),
        locale,
        isModerator() {
          if (isPrivate) return Promise.resolve(admins.includes(String(person)));
          if (asChat) return Promise.resolve(true);
          // A channel that writes in a group (its id is negative) is no administrator there.
          return person > 0 ? isAdministrator(chat, person) : Promise.resolve(false);
        },
      };
    },
  };
}

// --- Internal helpers ---

const member = z.object({ status: z.string() });
const ADMINISTRATORS: ReadonlySet<string> = new Set(['creator', 'administrator']);
