/** The first call: who the bot is, and whether Telegram knows the token. */

import { z } from 'zod';
import { callUntilAnswered, type ConnectionDependencies } from './call-until-answered.ts';

export interface Bot {
  readonly id: number;
  readonly username: string;
  /** Privacy mode is off: the bot sees every message of its groups. */
  readonly seesAllMessages: boolean;
}

/** @throws as `callUntilAnswered`. */
export async function findBot(dependencies: ConnectionDependencies): Promise<Bot> {
  const {
    id,
    username,
    can_read_all_group_messages: seesAllMessages,
  } = me.parse(await callUntilAnswered(dependencies, 'getMe', {}));
  return { id, username, seesAllMessages };
}

// --- Internal helpers ---

const me = z.object({
  id: z.int(),
  username: z.string(),
  can_read_all_group_messages: z.boolean().default(false),
});
