/** Registers the bot's commands, and only when they changed: Discord accepts 200 new ones a day. */

import { type Client, Routes } from 'discord.js';
import type { Keyv } from 'keyv';
import type { CommandInfo } from '../../../chat/command-info.ts';
import type { Logger } from '../../../util/logger.ts';
import { createMutex } from '../../../util/mutex.ts';
import { publicationDigest } from '../../kit/published-commands.ts';
import { callWithRetry, type RetryDependencies } from './call-with-retry.ts';
import { commandPayloads } from './command-payloads.ts';
import { redactedReason, wasRefused } from './failure.ts';

/** What was registered last, and where. */
export interface PublishedCommands {
  /** Undefined: on every guild. */
  readonly guildId?: string | undefined;
  readonly digest: string;
}

export interface PublishCommandsDependencies extends RetryDependencies {
  readonly client: Client<true>;
  readonly commands: () => readonly CommandInfo[];
  /** The one guild to register the commands on. Undefined: every guild. */
  readonly guildId: string | undefined;
  readonly moderatorRoles: readonly string[];
  readonly store: Keyv<PublishedCommands>;
  readonly logger: Pick<Logger, 'warn' | 'info'>;
}

/** Never throws. Failures are logged and retried the next time: mentions and direct messages work without commands. */
export type PublishCommands = () => Promise<void>;

export function createPublishCommands(dependencies: PublishCommandsDependencies): PublishCommands {
  const { client, commands, guildId, moderatorRoles, store, logger } = dependencies;
  const application = client.application.id;
  /** Two runs at once would read and write the same record. */
  const mutex = createMutex();

  async function overwrite(scope: string | undefined, body: unknown): Promise<void> {
    const route =
      scope === undefined
        ? Routes.applicationCommands(application)
        : Routes.applicationGuildCommands(application, scope);
    await callWithRetry(dependencies, () => client.rest.put(route, { body }));
  }

  /** Removes the commands from where they were registered before, or people would see them twice. */
  async function unregister(scope: string | undefined): Promise<void> {
    try {
      await overwrite(scope, []);
    } catch (error) {
      logger.warn(
        { reason: redactedReason(error) },
        'the commands registered earlier elsewhere could not be removed',
      );
    }
  }

  async function publish(): Promise<void> {
    const options = { onGuild: guildId !== undefined, hasModeratorRoles: moderatorRoles.length > 0 };
    const payloads = commandPayloads(commands(), options);
    const digest = publicationDigest(payloads);
    const before = await store.get(application);
    if (before?.digest === digest && before.guildId === guildId) return;
    await overwrite(guildId, payloads);
    if (before && before.guildId !== guildId) await unregister(before.guildId);
    await store.set(application, { digest, ...(guildId !== undefined && { guildId }) });
    logger.info({ commands: payloads.length, guild: guildId }, 'commands registered at Discord');
  }

  return async () => {
    try {
      await mutex.run(publish);
    } catch (error) {
      const isElsewhere = guildId !== undefined && wasRefused(error, 'missingAccess');
      logger.warn(
        { reason: redactedReason(error) },
        isElsewhere
          ? 'commands could not be registered: the bot is not in the guild of DISCORD_GUILD_ID; invite it to that guild (docs/discord.md)'
          : 'commands could not be registered; the next attempt follows within ten minutes',
      );
    }
  };
}
