/** Computes permissions in the documented order: server, roles, channel overwrites. */

import { ChannelType, PermissionFlagsBits as Flags } from 'discord-api-types/v10';
import { type ChannelRecord, type GuildRecord, type World, must } from './state.ts';

export type PermissionName = keyof typeof Flags;

export function bitsOf(names: readonly PermissionName[]): bigint {
  return names.reduce((bits, name) => bits | Flags[name], 0n);
}

export const EVERYONE_DEFAULT = bitsOf([
  'ViewChannel',
  'SendMessages',
  'SendMessagesInThreads',
  'ReadMessageHistory',
  'AttachFiles',
  'EmbedLinks',
  'AddReactions',
  'UseApplicationCommands',
]);

/** What an invite link of this bot would ask for. */
export const BOT_DEFAULT = bitsOf([
  'ViewChannel',
  'SendMessages',
  'SendMessagesInThreads',
  'ReadMessageHistory',
  'AttachFiles',
  'EmbedLinks',
]);

const ALL = Object.values(Flags).reduce((bits, flag) => bits | flag, 0n);
const IN_DIRECT_MESSAGES = bitsOf([
  'ViewChannel',
  'SendMessages',
  'ReadMessageHistory',
  'AttachFiles',
  'EmbedLinks',
]);

/** Permissions in the whole server, before any channel. */
export function basePermissions(guild: GuildRecord, userId: string): bigint {
  const member = guild.members.get(userId);
  if (!member) return 0n;
  if (guild.ownerId === userId) return ALL;
  let bits = must(guild.roles.get(guild.id), '@everyone role').permissions;
  for (const roleId of member.roleIds) bits |= guild.roles.get(roleId)?.permissions ?? 0n;
  return (bits & Flags.Administrator) === 0n ? bits : ALL;
}

/** Permissions of a person in a channel; 0 where the channel is out of sight. */
export function permissionsIn(world: World, userId: string, channel: ChannelRecord): bigint {
  if (channel.type === ChannelType.DM) {
    const inside = channel.recipientId === userId || userId === world.application.id;
    return inside ? IN_DIRECT_MESSAGES : 0n;
  }
  const guild = must(world.guilds.get(channel.guildId ?? ''), `server of channel ${channel.id}`);
  const base = basePermissions(guild, userId);
  if (base === 0n || base === ALL) return base;
  const owner = channel.parentId === null ? channel : must(world.channels.get(channel.parentId), 'parent');
  const roles = must(guild.members.get(userId), 'member').roleIds;
  let bits = base;
  const everyone = owner.overwrites.get(guild.id);
  if (everyone) bits = (bits & ~everyone.deny) | everyone.allow;
  let allow = 0n;
  let deny = 0n;
  for (const overwrite of owner.overwrites.values()) {
    if (overwrite.kind !== 'role' || overwrite.id === guild.id || !roles.has(overwrite.id)) continue;
    allow |= overwrite.allow;
    deny |= overwrite.deny;
  }
  bits = (bits & ~deny) | allow;
  const own = owner.overwrites.get(userId);
  if (own) bits = (bits & ~own.deny) | own.allow;
  return (bits & Flags.ViewChannel) === 0n ? 0n : bits;
}

export function can(world: World, userId: string, channel: ChannelRecord, name: PermissionName): boolean {
  return (permissionsIn(world, userId, channel) & Flags[name]) !== 0n;
}

/** The permission that sending needs there. */
export function sendPermission(channel: ChannelRecord): PermissionName {
  return channel.type === ChannelType.PublicThread ? 'SendMessagesInThreads' : 'SendMessages';
}
