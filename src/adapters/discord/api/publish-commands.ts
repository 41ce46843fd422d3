/** Registers the bot's commands, only when they changed: Discord takes 200 new ones a day. */

import { createHash } from 'node:crypto';
import { type Client, Routes } from 'discord.js';
import type { Keyv } from 'keyv';
import type { CommandInfo } from '../../../chat/command-info.ts';
import type { Logger } from '../../../util/logger.ts';
import { callSteadily, type SteadyDependencies } from './call-steadily.ts';
import { commandPayloads } from './command-payloads.ts';
import { reasonOf, wasRefused } from './failure.ts';

/** What was registered last, and where. */
export interface Published {
  /** Undefined: everywhere. */
  readonly guildId?: string | undefined;
  readonly digest: string;
}

export interface PublishDependencies extends SteadyDependencies {
  readonly client: Client<true>;
  readonly commands: () => readonly CommandInfo[];
  /** The one guild to register on. */
  readonly guildId: string | undefined;
  readonly moderatorRoles: readonly string[];
  readonly store: Keyv<Published>;
  readonly logger: Pick<Logger, 'warn' | 'info'>;
}

/** Failures are logged and made good the next time: mentions and direct messages work without commands. */
export type PublishCommands = () => Promise<void>;

export function createPublishCommands(dependencies: PublishDependencies): PublishCommands {
  const { client, commands, guildId, moderatorRoles, store, logger } = dependencies;
  const application = client.application.id;

  async function overwrite(scope: string | undefined, body: unknown): Promise<void> {
    const route =
      scope === undefined
        ? Routes.applicationCommands(application)
        : Routes.applicationGuildCommands(application, scope);
    await callSteadily(dependencies, () => client.rest.put(route, { body }));
  }

  /** Where they were registered before, or everybody would see them twice. */
  async function takeAway(scope: string | undefined): Promise<void> {
    try {
      await overwrite(scope, []);
    } catch (error) {
      logger.warn({ reason: reasonOf(error) }, 'the commands registered earlier could not be taken away');
    }
  }

  let publishing: Promise<void> = Promise.resolve();

  async function publish(): Promise<void> {
    const options = { onGuild: guildId !== undefined, hasModeratorRoles: moderatorRoles.length > 0 };
    const payloads = commandPayloads(commands(), options);
    const digest = createHash('sha256').update(JSON.stringify(payloads)).digest('hex');
    const before = await store.get(application);
    if (before?.digest === digest && before.guildId === guildId) return;
    try {
      await overwrite(guildId, payloads);
    } catch (error) {
      const isElsewhere = guildId !== undefined && wasRefused(error, 'missingAccess');
      logger.warn(
        { reason: reasonOf(error) },
        isElsewhere
          ? 'commands could not be registered: the bot is not in the guild of DISCORD_GUILD_ID; invite it there (docs/discord.md)'
          : 'commands could not be registered; it is tried again later',
      );
      return;
    }
    if (before && before.guildId !== guildId) await takeAway(before.guildId);
    await store.set(application, { digest, ...(guildId !== undefined && { guildId }) });
    logger.info({ commands: payloads.length, guild: guildId }, 'commands registered at Discord');
  }

  /** One after the other, as they read and write the same record. */
  return () => (publishing = publishing.then(publish, publish));
}
