/** What the bot may do in a channel, as far as the client knows before it sends a message. */

import { type Channel, PermissionFlagsBits } from 'discord.js';

export interface ChannelPermissions {
  readonly attachFiles: boolean;
  /** Needed to reply to a message. */
  readonly readHistory: boolean;
}

/** What the client does not know counts as allowed. */
export function permissionsIn(channel: Channel): ChannelPermissions {
  const all = { attachFiles: true, readHistory: true };
  if (channel.isDMBased()) return all;
  const permissions = channel.permissionsFor(channel.client.user);
  if (!permissions) return all;
  return {
    attachFiles: permissions.has(PermissionFlagsBits.AttachFiles),
    readHistory: permissions.has(PermissionFlagsBits.ReadMessageHistory),
  };
}
