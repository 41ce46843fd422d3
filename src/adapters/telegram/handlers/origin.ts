/** Who asked where, in the conversation's terms; moderators are looked up at Telegram each time. */

import type { Clock } from '../../../util/clock.ts';
import type { Origin } from '../../../chat/conversation.ts';
import type { Logger } from '../../../util/logger.ts';
import type { BotApi } from '../api/bot-api.ts';
import { callSteadily } from '../api/call-steadily.ts';
import { type Asked, placeOf } from '../updates/request.ts';
import { z } from 'zod';

export const DOOR = 'telegram';

export interface Origins {
  of(asked: Asked): Origin;
  /** Whether somebody, or the bot itself, is an administrator of a group now. False when Telegram does not say. */
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

export function createOrigins(dependencies: OriginsDependencies): Origins {
  const { admins, logger, signal } = dependencies;

  async function isAdministrator(chat: number, user: number): Promise<boolean> {
    try {
      const payload = { chat_id: chat, user_id: user };
      const found = await callSteadily(dependencies, 'getChatMember', payload, { signal, tries: 3 });
      return ADMINISTRATORS.has(member.parse(found).status);
    } catch (error) {
      logger.warn({ reason: reasonOf(error) }, 'Telegram did not say who is a moderator; taken as none');
      return false;
    }
  }

  return {
    isAdministrator,

    of(asked) {
      const { chat, isPrivate, person, asChat, locale } = asked;
      return {
        door: DOOR,
        person: String(person),
        place: placeOf(asked),
        community: isPrivate ? undefined : String(chat),
        locale,
        isModerator() {
          if (isPrivate) return Promise.resolve(admins.includes(String(person)));
          if (asChat) return Promise.resolve(true);
          // A channel that writes in a group is nobody's administrator there.
          return person > 0 ? isAdministrator(chat, person) : Promise.resolve(false);
        },
      };
    },
  };
}

// --- Internal helpers ---

const member = z.object({ status: z.string() });
const ADMINISTRATORS: ReadonlySet<string> = new Set(['creator', 'administrator']);

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}
