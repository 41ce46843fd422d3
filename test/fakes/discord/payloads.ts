/** Records in the JSON form of the API: people, members, roles, channels, servers, the application. */

import {
  type APIApplication,
  type APIChannel,
  type APIGuild,
  type APIGuildMember,
  type APIGuildTextChannel,
  type APIRole,
  type APIThreadChannel,
  type APIUser,
  ApplicationFlags,
  type ChannelFlags,
  ChannelType,
  type GatewayGuildCreateDispatchData,
  GatewayIntentBits,
  GuildDefaultMessageNotifications,
  GuildExplicitContentFilter,
  GuildHubType,
  GuildMFALevel,
  GuildNSFWLevel,
  GuildPremiumTier,
  GuildVerificationLevel,
  OverwriteType,
  ThreadAutoArchiveDuration,
} from 'discord-api-types/v10';
import { asEnum } from './json.ts';
import {
  type ChannelRecord,
  type GuildRecord,
  type MemberRecord,
  type RoleRecord,
  type UserRecord,
  type World,
  must,
} from './state.ts';

export function userPayload(user: UserRecord): APIUser {
  return {
    id: user.id,
    username: user.name,
    discriminator: user.bot || user.webhook ? '0000' : '0',
    global_name: user.bot || user.webhook ? null : user.name,
    avatar: null,
    ...(user.bot || user.webhook ? { bot: true } : {}),
  };
}

export function memberPayload(world: World, member: MemberRecord): APIGuildMember {
  return {
    ...memberWithoutUser(member),
    user: userPayload(must(world.users.get(member.userId), `person ${member.userId}`)),
  };
}

export function memberWithoutUser(member: MemberRecord): Omit<APIGuildMember, 'user'> {
  return {
    nick: member.nick,
    roles: [...member.roleIds],
    joined_at: new Date(member.joinedAt).toISOString(),
    deaf: false,
    mute: false,
    flags: asEnum(0),
    avatar: null,
    banner: null,
    premium_since: null,
  };
}

export function rolePayload(role: RoleRecord, position: number): APIRole {
  return {
    id: role.id,
    name: role.name,
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the payload type still requires it
    color: 0,
    colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
    hoist: false,
    position,
    permissions: role.permissions.toString(),
    managed: role.managed,
    mentionable: role.mentionable,
    ...(role.botId === null ? {} : { tags: { bot_id: role.botId } }),
    flags: asEnum(0),
  };
}

export function channelPayload(world: World, channel: ChannelRecord): APIChannel {
  if (channel.type === ChannelType.DM) {
    const recipient = must(world.users.get(channel.recipientId ?? ''), 'recipient');
    return {
      id: channel.id,
      type: ChannelType.DM,
      name: null,
      recipients: [userPayload(recipient)],
      last_message_id: null,
      flags: asEnum(0),
    };
  }
  if (channel.type === ChannelType.PublicThread) return threadPayload(world, channel);
  const text: Partial<APIGuildTextChannel<ChannelType.GuildText>> = {
    ...guildChannelBase(channel),
    type: ChannelType.GuildText,
    permission_overwrites: [...channel.overwrites.values()].map((overwrite) => ({
      id: overwrite.id,
      type: overwrite.kind === 'role' ? OverwriteType.Role : OverwriteType.Member,
      allow: overwrite.allow.toString(),
      deny: overwrite.deny.toString(),
    })),
    position: 0,
    nsfw: channel.nsfw,
    topic: null,
    parent_id: null,
  };
  return text as APIChannel;
}

/** A server as REST returns it; `GUILD_CREATE` adds to it. */
export function guildPayload(guild: GuildRecord): APIGuild {
  return {
    id: guild.id,
    name: guild.name,
    icon: null,
    splash: null,
    discovery_splash: null,
    owner_id: guild.ownerId,
    afk_channel_id: null,
    afk_timeout: 300,
    verification_level: GuildVerificationLevel.None,
    default_message_notifications: GuildDefaultMessageNotifications.OnlyMentions,
    explicit_content_filter: GuildExplicitContentFilter.Disabled,
    roles: [...guild.roles.values()].map(rolePayload),
    emojis: [],
    stickers: [],
    features: [],
    mfa_level: GuildMFALevel.None,
    application_id: null,
    system_channel_id: null,
    system_channel_flags: asEnum(0),
    rules_channel_id: null,
    vanity_url_code: null,
    description: null,
    banner: null,
    premium_tier: GuildPremiumTier.None,
    preferred_locale: guild.locale,
    public_updates_channel_id: null,
    nsfw_level: GuildNSFWLevel.Default,
    premium_progress_bar_enabled: false,
    safety_alerts_channel_id: null,
    hub_type: null as GuildHubType | null,
    incidents_data: null,
  };
}

/** Without the privileged members intent only the application itself is listed. */
export function guildCreatePayload(world: World, guild: GuildRecord): GatewayGuildCreateDispatchData {
  const bot = must(guild.members.get(world.application.id), `application in server ${guild.name}`);
  // Channels out of the application's sight are listed too.
  const payloads = [...world.channels.values()]
    .filter((channel) => channel.guildId === guild.id)
    .map((channel) => channelPayload(world, channel));
  return {
    ...guildPayload(guild),
    joined_at: new Date(bot.joinedAt).toISOString(),
    large: false,
    unavailable: false,
    member_count: guild.members.size,
    voice_states: [],
    members: [memberPayload(world, bot)],
    channels: payloads.filter((channel) => channel.type === ChannelType.GuildText),
    threads: payloads.filter((channel) => channel.type === ChannelType.PublicThread),
    presences: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
  };
}

export function applicationFlags(world: World): ApplicationFlags {
  const content = (world.application.privilegedIntents & GatewayIntentBits.MessageContent) !== 0;
  const members = (world.application.privilegedIntents & GatewayIntentBits.GuildMembers) !== 0;
  return asEnum(
    (content ? ApplicationFlags.GatewayMessageContentLimited : 0) |
      (members ? ApplicationFlags.GatewayGuildMembersLimited : 0),
  );
}

export function applicationPayload(world: World): APIApplication {
  return {
    id: world.application.id,
    name: world.application.name,
    icon: null,
    description: '',
    bot_public: true,
    bot_require_code_grant: false,
    verify_key: '0'.repeat(64),
    team: null,
    flags: applicationFlags(world),
    approximate_guild_count: world.guilds.size,
  } as APIApplication;
}

// --- Internal helpers ---

interface GuildChannelBase {
  id: string;
  name: string;
  guild_id: string;
  last_message_id: null;
  rate_limit_per_user: number;
  flags: ChannelFlags;
}

function guildChannelBase(channel: ChannelRecord): GuildChannelBase {
  return {
    id: channel.id,
    name: channel.name,
    guild_id: must(channel.guildId, `server of channel ${channel.name}`),
    last_message_id: null,
    rate_limit_per_user: 0,
    flags: asEnum(0),
  };
}

function threadPayload(world: World, channel: ChannelRecord): APIChannel {
  const thread: Partial<APIThreadChannel> = {
    ...guildChannelBase(channel),
    type: ChannelType.PublicThread,
    parent_id: channel.parentId ?? '',
    owner_id: world.application.id,
    message_count: 0,
    member_count: 1,
    total_message_sent: 0,
    thread_metadata: {
      archived: false,
      auto_archive_duration: ThreadAutoArchiveDuration.OneDay,
      archive_timestamp: new Date(world.clock.now()).toISOString(),
      locked: false,
    },
  };
  return thread as APIChannel;
}
