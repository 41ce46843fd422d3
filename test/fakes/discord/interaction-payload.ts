/** The payload of an interaction's event, and the commands that are offered to a person. */

import {
  type APIApplicationCommand,
  type APIMessage,
  type ApplicationCommandType,
  ApplicationIntegrationType,
  ChannelType,
  InteractionContextType,
  type Locale,
} from 'discord-api-types/v10';
import { channelPayload, memberPayload, userPayload } from './payloads.ts';
import { can, permissionsIn } from './permissions.ts';
import { commandsOf } from './routes/commands.ts';
import type { CommandUse } from './fake-types.ts';
import { type ChannelRecord, type InteractionRecord, type UserRecord, type World, must } from './state.ts';

/** The part of a command that its interactions repeat. */
export function commandData(command: APIApplicationCommand): object {
  const { id, name, type, guild_id: guildId } = command;
  return { id, name, type, ...(guildId === undefined ? {} : { guild_id: guildId }) };
}

/** The command this person is offered here. @throws when it is not registered or not shown to them. */
export function findCommand(
  world: World,
  user: UserRecord,
  channel: ChannelRecord,
  name: string,
  type: ApplicationCommandType,
  use: CommandUse,
): APIApplicationCommand {
  const local = channel.guildId === null ? [] : commandsOf(world, channel.guildId);
  const all = [...local, ...commandsOf(world, null)];
  const command = must(
    all.find((one) => one.name === name && one.type === type),
    `command "${name}" registered here`,
  );
  const context =
    channel.type === ChannelType.DM ? InteractionContextType.BotDM : InteractionContextType.Guild;
  if (command.contexts && !command.contexts.includes(context))
    throw new Error(`Command "${name}" is not offered here.`);
  if (channel.type === ChannelType.DM) return command;
  if (!can(world, user.id, channel, 'UseApplicationCommands'))
    throw new Error(`${user.name} may not use commands here.`);
  const needed = command.default_member_permissions;
  if (needed === null || use.evenIfHidden === true) return command;
  const bits = BigInt(needed);
  const held = permissionsIn(world, user.id, channel);
  const admin = (held & 8n) !== 0n;
  if (!admin && (bits === 0n || (held & bits) !== bits))
    throw new Error(`Command "${name}" is hidden from ${user.name}.`);
  return command;
}

export function interactionPayload(
  world: World,
  record: InteractionRecord,
  user: UserRecord,
  channel: ChannelRecord,
  data: object,
  extra: { locale?: Locale | undefined; message?: APIMessage },
): object {
  const guild = channel.guildId === null ? undefined : world.guilds.get(channel.guildId);
  const member = guild?.members.get(user.id);
  return {
    id: record.id,
    application_id: world.application.id,
    type: record.type,
    token: record.token,
    version: 1,
    data,
    channel: channelPayload(world, channel),
    channel_id: channel.id,
    locale: extra.locale ?? user.locale,
    app_permissions: permissionsIn(world, world.application.id, channel).toString(),
    entitlements: [],
    authorizing_integration_owners: { [ApplicationIntegrationType.GuildInstall]: guild?.id ?? '0' },
    attachment_size_limit: world.limits.fileBytes,
    context: guild ? InteractionContextType.Guild : InteractionContextType.BotDM,
    ...(extra.message ? { message: extra.message } : {}),
    ...(guild
      ? {
          guild_id: guild.id,
          guild_locale: guild.locale,
          guild: { id: guild.id, locale: guild.locale, features: [] },
          member: {
            ...memberPayload(world, must(member, `member ${user.name}`)),
            permissions: permissionsIn(world, user.id, channel).toString(),
          },
        }
      : { user: userPayload(user) }),
  };
}
