/** Creates servers, roles, channels and members. Changes after a login are sent to the client as gateway events. */

import type { FakeChannel, FakeGuild, FakeRole } from './fake-types.ts';
import { ChannelType, GatewayDispatchEvents, GatewayIntentBits, Locale } from 'discord-api-types/v10';
import { channelPayload, guildCreatePayload, memberPayload, rolePayload } from './payloads.ts';
import { BOT_DEFAULT, EVERYONE_DEFAULT, type PermissionName, bitsOf } from './permissions.ts';
import { createUser } from './people.ts';
import type { FakeUser } from './fake-types.ts';
import type { Simulation } from './fake-types.ts';
import { type ChannelRecord, type GuildRecord, type RoleRecord, type World, must } from './state.ts';

export function createGuild(
  world: World,
  simulation: Simulation,
  name: string,
  options: { locale?: Locale; botPermissions?: readonly PermissionName[] } = {},
): FakeGuild {
  const id = world.nextId();
  const owner = createUser(world, simulation, `owner of ${name}`, {});
  const botRole = newRole(
    world,
    world.application.name,
    options.botPermissions ? bitsOf(options.botPermissions) : BOT_DEFAULT,
    { botId: world.application.id },
  );
  const everyone: RoleRecord = {
    id,
    name: '@everyone',
    permissions: EVERYONE_DEFAULT,
    mentionable: false,
    managed: false,
    botId: null,
  };
  const guild: GuildRecord = {
    id,
    name,
    ownerId: owner.id,
    locale: options.locale ?? Locale.EnglishUS,
    roles: new Map([
      [id, everyone],
      [botRole.id, botRole],
    ]),
    members: new Map(),
  };
  world.guilds.set(id, guild);
  const join = (userId: string, roleIds: readonly string[], nick: string | null): void => {
    guild.members.set(userId, { userId, nick, roleIds: new Set(roleIds), joinedAt: world.clock.now() });
  };
  join(owner.id, [], null);
  join(world.application.id, [botRole.id], null);
  const announce = (
    type: GatewayDispatchEvents,
    data: () => unknown,
    intent: number = GatewayIntentBits.Guilds,
  ): void => {
    world.dispatch({ type, guildId: id, intent, data });
  };
  announce(GatewayDispatchEvents.GuildCreate, () => guildCreatePayload(world, guild));

  return {
    id,
    name,
    role(roleName, { permissions = [], mentionable = false } = {}) {
      const role = newRole(world, roleName, bitsOf(permissions), { mentionable });
      guild.roles.set(role.id, role);
      announce(GatewayDispatchEvents.GuildRoleCreate, () => ({
        guild_id: id,
        role: rolePayload(role, guild.roles.size),
      }));
      return { id: role.id, name: roleName };
    },
    textChannel(channelName, { nsfw = false } = {}) {
      const channel = newChannel(world, {
        type: ChannelType.GuildText,
        name: channelName,
        guildId: id,
        parentId: null,
        nsfw,
      });
      announce(GatewayDispatchEvents.ChannelCreate, () => channelPayload(world, channel));
      return channelHandle(world, simulation, channel);
    },
    join(user, { roles = [], nick } = {}) {
      join(
        user.id,
        roles.map((role) => role.id),
        nick ?? null,
      );
    },
    setRoles(user, roles) {
      const member = must(guild.members.get(user.id), `member ${user.name} of ${name}`);
      member.roleIds.clear();
      for (const role of roles) member.roleIds.add(role.id);
      announce(
        GatewayDispatchEvents.GuildMemberUpdate,
        () => ({ guild_id: id, ...memberPayload(world, member) }),
        GatewayIntentBits.GuildMembers,
      );
    },
    setBotPermissions(names) {
      botRole.permissions = bitsOf(names);
      announce(GatewayDispatchEvents.GuildRoleUpdate, () => ({
        guild_id: id,
        role: rolePayload(botRole, 1),
      }));
    },
    removeBot() {
      guild.members.delete(world.application.id);
      announce(GatewayDispatchEvents.GuildDelete, () => ({ id }));
    },
  };
}

// --- Internal helpers ---

function newRole(
  world: World,
  name: string,
  permissions: bigint,
  options: { mentionable?: boolean; botId?: string },
): RoleRecord {
  return {
    id: world.nextId(),
    name,
    permissions,
    mentionable: options.mentionable ?? false,
    managed: options.botId !== undefined,
    botId: options.botId ?? null,
  };
}

function newChannel(
  world: World,
  fields: Pick<ChannelRecord, 'type' | 'name' | 'guildId' | 'parentId' | 'nsfw'>,
): ChannelRecord {
  const channel: ChannelRecord = { id: world.nextId(), recipientId: null, overwrites: new Map(), ...fields };
  world.channels.set(channel.id, channel);
  return channel;
}

function channelHandle(world: World, simulation: Simulation, channel: ChannelRecord): FakeChannel {
  const announce = (type: GatewayDispatchEvents, about: ChannelRecord): void => {
    world.dispatch({
      type,
      guildId: about.guildId,
      intent: GatewayIntentBits.Guilds,
      data: () => channelPayload(world, about),
    });
  };
  const overwrite = (who: FakeRole | FakeUser | 'everyone' | 'bot', allow: bigint, deny: bigint): void => {
    const guildId = must(channel.guildId, 'server');
    const id = who === 'everyone' ? guildId : who === 'bot' ? world.application.id : who.id;
    const kind = world.users.has(id) ? 'member' : 'role';
    const before = channel.overwrites.get(id) ?? { id, kind, allow: 0n, deny: 0n };
    channel.overwrites.set(id, {
      ...before,
      allow: (before.allow & ~deny) | allow,
      deny: (before.deny & ~allow) | deny,
    });
    announce(GatewayDispatchEvents.ChannelUpdate, channel);
  };
  return {
    id: channel.id,
    name: channel.name,
    guildId: channel.guildId,
    thread(name) {
      const thread = newChannel(world, {
        type: ChannelType.PublicThread,
        name,
        guildId: channel.guildId,
        parentId: channel.id,
        nsfw: channel.nsfw,
      });
      announce(GatewayDispatchEvents.ThreadCreate, thread);
      return channelHandle(world, simulation, thread);
    },
    allow(who, names) {
      overwrite(who, bitsOf(names), 0n);
    },
    deny(who, names) {
      overwrite(who, 0n, bitsOf(names));
    },
    webhook: (name) => createUser(world, simulation, name, { webhook: true }),
  };
}
