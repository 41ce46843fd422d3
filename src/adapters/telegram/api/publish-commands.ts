/** Publishes the bot's commands to Telegram's menus: by who may use them, in every language, and only when they changed. */

import type { Keyv } from 'keyv';
import type { CommandInfo } from '../../../chat/command-info.ts';
import type { Clock } from '../../../util/clock.ts';
import type { Logger } from '../../../util/logger.ts';
import { publicationDigest } from '../../kit/published-commands.ts';
import type { BotApi } from './bot-api.ts';
import { CallError } from './call-error.ts';
import { callWithRetry } from './call-with-retry.ts';

export interface PublishCommandsDependencies {
  readonly api: BotApi;
  readonly clock: Clock;
  readonly commands: readonly CommandInfo[];
  /** Ids of people who are moderators in their own chat with the bot. */
  readonly admins: readonly string[];
  readonly botId: number;
  /** Holds the digest of what was published last. */
  readonly store: Keyv<string>;
  readonly logger: Pick<Logger, 'warn' | 'info'>;
  readonly signal: AbortSignal;
}

interface CommandList {
  /** `chat_id` is a person's. */
  readonly scope: { readonly type: string; readonly chat_id?: number };
  readonly commands: readonly CommandInfo[];
}

/** Failures are logged, and the next start tries again: the commands work without their menus. */
export async function publishCommands({
  api,
  clock,
  commands,
  admins,
  botId,
  store,
  logger,
  signal,
}: PublishCommandsDependencies): Promise<void> {
  const calls = listsOf(commands, admins).flatMap(callsOf);
  const digest = publicationDigest(calls);
  const key = `${botId}/commands`;
  if ((await store.get(key)) === digest) return;
  let failed = 0;
  for (const call of calls) {
    try {
      await callWithRetry({ api, clock }, 'setMyCommands', call, { signal });
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      if (error.failure === 'stopped') return;
      failed++;
      const scope = call.scope.type;
      logger.warn({ reason: error.message, scope }, 'a list of commands could not be published');
    }
  }
  if (failed === 0) await store.set(key, digest);
  logger.info({ lists: calls.length - failed }, 'commands published to Telegram');
}

// --- Internal helpers ---

function listsOf(commands: readonly CommandInfo[], admins: readonly string[]): CommandList[] {
  const everyone = commands.filter(({ audience }) => audience === 'everyone');
  const inPrivate = (list: readonly CommandInfo[]) => list.filter(({ where }) => where === 'anywhere');
  return [
    { scope: { type: 'all_private_chats' }, commands: inPrivate(everyone) },
    { scope: { type: 'all_group_chats' }, commands: everyone },
    { scope: { type: 'all_chat_administrators' }, commands },
    ...admins.map((id) => ({
      scope: { type: 'chat', chat_id: Number(id) },
      commands: inPrivate(commands),
    })),
  ];
}

/** One call for each language. The call without a language applies to all others. */
function callsOf({
  scope,
  commands,
}: CommandList): { scope: CommandList['scope']; [name: string]: unknown }[] {
  const languages = new Set(commands.flatMap(({ description }) => Object.keys(description)));
  const inLanguage = (language: string) =>
    commands.map(({ name, description }) => ({
      command: name,
      description: description[language] ?? description.en,
    }));
  return [
    { scope, commands: inLanguage('en') },
    ...[...languages]
      .filter((language) => language !== 'en' && /^[a-z]{2}$/.test(language))
      .map((language) => ({ scope, commands: inLanguage(language), language_code: language })),
  ];
}
