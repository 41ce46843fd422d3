/** Offers the bot's commands in Telegram's menus: by who may use them, in every language, and only when they changed. */

import { createHash } from 'node:crypto';
import type { Keyv } from 'keyv';
import type { Clock } from '../../../util/clock.ts';
import type { CommandInfo } from '../../../chat/command-info.ts';
import type { Logger } from '../../../util/logger.ts';
import type { BotApi } from './bot-api.ts';
import { CallError } from './call-error.ts';
import { callSteadily } from './call-steadily.ts';

export interface PublishDependencies {
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

interface Publication {
  /** `chat_id` is a person's. */
  readonly scope: { readonly type: string; readonly chat_id?: number };
  readonly commands: readonly CommandInfo[];
}

/** Failures are logged and made good at the next start: the commands work without their menus. */
export async function publishCommands(dependencies: PublishDependencies): Promise<void> {
  const { commands, admins, botId, store, logger, signal } = dependencies;
  const calls = publicationsOf(commands, admins).flatMap(callsOf);
  const digest = createHash('sha256').update(JSON.stringify(calls)).digest('hex');
  const key = `${botId}/commands`;
  if ((await store.get(key)) === digest) return;
  let failed = 0;
  for (const call of calls) {
    try {
      await callSteadily(dependencies, 'setMyCommands', call, { signal });
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      if (error.failure === 'stopped') return;
      failed++;
      const scope = call.scope.type;
      logger.warn({ reason: error.message, scope }, 'a list of commands could not be published');
    }
  }
  if (failed === 0) await store.set(key, digest);
  logger.info({ lists: calls.length - failed }, 'commands published at Telegram');
}

// --- Internal helpers ---

function publicationsOf(commands: readonly CommandInfo[], admins: readonly string[]): Publication[] {
  const everyone = commands.filter(({ audience }) => audience === 'everyone');
  const direct = (list: readonly CommandInfo[]) => list.filter(({ where }) => where === 'anywhere');
  return [
    { scope: { type: 'all_private_chats' }, commands: direct(everyone) },
    { scope: { type: 'all_group_chats' }, commands: everyone },
    { scope: { type: 'all_chat_administrators' }, commands },
    ...admins.map((id) => ({ scope: { type: 'chat', chat_id: Number(id) }, commands: direct(commands) })),
  ];
}

/** One call a language; the one without a language is for all others. */
function callsOf({
  scope,
  commands,
}: Publication): { scope: Publication['scope']; [name: string]: unknown }[] {
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
