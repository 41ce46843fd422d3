/** The routes that only read: the gateway's address, the application, people, servers, channels. */

import { ChannelType } from 'discord-api-types/v10';
import { refusals } from '../api-error.ts';
import { textOf } from '../json.ts';
import {
  applicationPayload,
  channelPayload,
  guildPayload,
  memberPayload,
  rolePayload,
  userPayload,
} from '../payloads.ts';
import { objectBody } from '../read-body.ts';
import { type ChannelRecord, type GuildRecord, type World, must } from '../state.ts';
import { type Answer, type Call, type Route, visibleChannel } from './route.ts';

const shared = { method: 'GET', auth: true, bucket: 'other', global: true } as const;

export const lookupRoutes: readonly Route[] = [
  { ...shared, path: '/gateway', auth: false, answer: ({ world }) => ok({ url: gatewayUrl(world) }) },
  { ...shared, path: '/gateway/bot', answer: gatewayBot },
  { ...shared, path: '/users/@me', answer: ({ world }) => ok(person(world, world.application.id)) },
  {
    ...shared,
    path: '/users/@me/guilds',
    answer: ({ world }) => ok([...world.guilds.values()].map(guildPayload)),
  },
  { ...shared, path: '/users/:user', answer: (call) => ok(person(call.world, call.param('user'))) },
  { ...shared, method: 'POST', path: '/users/@me/channels', answer: openDirectMessages },
  { ...shared, path: '/applications/@me', answer: ({ world }) => ok(applicationPayload(world)) },
  { ...shared, path: '/oauth2/applications/@me', answer: ({ world }) => ok(applicationPayload(world)) },
  {
    ...shared,
    path: '/channels/:channel',
    major: 'channel',
    answer: (call) => ok(channelPayload(call.world, visibleChannel(call))),
  },
  { ...shared, path: '/guilds/:guild', major: 'guild', answer: (call) => ok(guildPayload(guildOf(call))) },
  { ...shared, path: '/guilds/:guild/channels', major: 'guild', answer: guildChannels },
  {
    ...shared,
    path: '/guilds/:guild/roles',
    major: 'guild',
    answer: (call) => ok([...guildOf(call).roles.values()].map(rolePayload)),
  },
  { ...shared, path: '/guilds/:guild/members/:user', major: 'guild', answer: guildMember },
];

export function gatewayUrl(world: World): string {
  return world.origin.replace(/^http/, 'ws');
}

/** The one channel between the application and a person, made on first use. */
export function directChannel(world: World, userId: string): ChannelRecord {
  const existing = [...world.channels.values()].find((channel) => channel.recipientId === userId);
  if (existing) return existing;
  const channel: ChannelRecord = {
    id: world.nextId(),
    type: ChannelType.DM,
    name: must(world.users.get(userId), `person ${userId}`).name,
    guildId: null,
    parentId: null,
    recipientId: userId,
    nsfw: false,
    overwrites: new Map(),
  };
  world.channels.set(channel.id, channel);
  return channel;
}

// --- Internal helpers ---

function ok(json: unknown): Answer {
  return { status: 200, json };
}

function gatewayBot(call: Call): Answer {
  return ok({ url: gatewayUrl(call.world), shards: call.shards, session_start_limit: call.startLimit() });
}

function person(world: World, id: string): object {
  const user = world.users.get(id);
  if (!user) throw refusals.unknownUser();
  return userPayload(user);
}

function openDirectMessages(call: Call): Answer {
  const id = textOf(objectBody(call.body).recipient_id) ?? '';
  if (!call.world.users.has(id)) throw refusals.unknownUser();
  return ok(channelPayload(call.world, directChannel(call.world, id)));
}

function guildOf(call: Call): GuildRecord {
  const guild = call.world.guilds.get(call.param('guild'));
  if (!guild?.members.has(call.world.application.id)) throw refusals.unknownGuild();
  return guild;
}

function guildChannels(call: Call): Answer {
  const { world } = call;
  const guild = guildOf(call);
  const channels = [...world.channels.values()].filter((channel) => channel.guildId === guild.id);
  return ok(channels.map((channel) => channelPayload(world, channel)));
}

function guildMember(call: Call): Answer {
  const member = guildOf(call).members.get(call.param('user'));
  if (!member) throw refusals.unknownMember();
  return ok(memberPayload(call.world, member));
}
