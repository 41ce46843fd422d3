/** People, bots and webhooks that a test controls: they post, click, choose, edit and delete. */

import type { FakeFile, FakeUser, Post, UserOptions } from './fake-types.ts';
import {
  ChannelType,
  GatewayDispatchEvents,
  Locale,
  MessageFlags,
  MessageReferenceType,
  MessageType,
} from 'discord-api-types/v10';
import { createFile } from './attachments.ts';
import { announce, deleteMessage } from './message-events.ts';
import { findMentions } from './mentions.ts';
import { type SeenMessage, seeMessage } from './observe.ts';
import { can, sendPermission } from './permissions.ts';
import { directChannel } from './routes/lookups.ts';
import type { Simulation } from './fake-types.ts';
import {
  type ChannelRecord,
  type FileRecord,
  type MessageRecord,
  type UserRecord,
  type World,
  must,
} from './state.ts';
import { addMessage } from './store-message.ts';

export function createUser(
  world: World,
  simulation: Simulation,
  name: string,
  options: UserOptions,
): FakeUser {
  const record: UserRecord = {
    id: world.nextId(),
    name,
    bot: options.bot ?? false,
    webhook: options.webhook ?? false,
    locale: options.locale ?? Locale.EnglishUS,
    openToDirectMessages: true,
  };
  world.users.set(record.id, record);
  const own = (message: SeenMessage): MessageRecord => {
    const found = must(world.messages.get(message.id), `message ${message.id}`);
    if (found.authorId !== record.id) throw new Error(`${name} did not write message ${message.id}.`);
    return found;
  };
  return {
    id: record.id,
    name,
    post: async (channel, post) =>
      postMessage(world, record, must(world.channels.get(channel.id), 'channel'), post),
    dm: async (post) => postMessage(world, record, directChannel(world, record.id), post),
    closeDirectMessages() {
      record.openToDirectMessages = false;
    },
    edit(message, content) {
      const found = own(message);
      found.edits.push({ ...found.body, until: world.clock.now() });
      found.body = { ...found.body, content };
      found.editedAt = world.clock.now();
      announce(world, found, GatewayDispatchEvents.MessageUpdate);
    },
    delete(message) {
      deleteMessage(world, own(message));
    },
    contextMenu: (command, message, use = {}) => simulation.contextMenu(record, command, message, use),
    slash: async (command, values = {}, use = {}) => simulation.slash(record, command, values, use),
    click: (message, which) => simulation.click(record, message, which),
    select: (message, customId, values) => simulation.select(record, message, customId, values),
    sees: (channel) => visibleMessages(world, record, must(world.channels.get(channel.id), 'channel')),
  };
}

/** Whether a person has a message in front of them. */
export function canSee(world: World, user: UserRecord, message: MessageRecord): boolean {
  const channel = must(world.channels.get(message.channelId), 'channel');
  if (message.deletedAt !== null || !can(world, user.id, channel, 'ViewChannel')) return false;
  return message.ephemeralTo === null || message.ephemeralTo === user.id;
}

export async function storeFile(
  world: World,
  channelId: string,
  file: FakeFile,
  ephemeral: boolean,
): Promise<FileRecord> {
  const bytes = typeof file.bytes === 'number' ? Buffer.alloc(file.bytes) : file.bytes;
  return createFile(world, { ...file, bytes, channelId, ephemeral });
}

// --- Internal helpers ---

function visibleMessages(world: World, user: UserRecord, channel: ChannelRecord): SeenMessage[] {
  return [...world.messages.values()]
    .filter((message) => message.channelId === channel.id && canSee(world, user, message))
    .map((message) => seeMessage(world, message.id));
}

async function postMessage(
  world: World,
  user: UserRecord,
  channel: ChannelRecord,
  post: Post,
): Promise<SeenMessage> {
  refuseImpossible(world, user, channel, post);
  const mentioned = (post.mention ?? []).map((who) => `<@${who === 'bot' ? world.application.id : who.id}>`);
  const content = [...mentioned, ...(post.content === undefined ? [] : [post.content])].join(' ');
  const target = post.replyTo ? must(world.messages.get(post.replyTo.id), 'message to reply to') : null;
  const source = post.forwardOf ? must(world.messages.get(post.forwardOf.id), 'message to forward') : null;
  const files: FileRecord[] = [];
  for (const file of post.files ?? []) {
    const marked = post.spoiler === true ? { ...file, spoiler: true } : file;
    files.push(await storeFile(world, channel.id, marked, false));
  }
  // A reply to an interaction response never counts as a mention of the application.
  const pings = post.ping !== false && target !== null && target.interactionId === null;
  const { mentions, pinged } = findMentions(world, {
    channel,
    authorId: user.id,
    content,
    components: [],
    allowed: undefined,
    byDefault: ['users', 'roles', 'everyone'],
    repliedTo: pings ? target.authorId : null,
    flags: 0,
  });
  const message = addMessage(world, {
    channelId: channel.id,
    authorId: user.id,
    type: target ? MessageType.Reply : MessageType.Default,
    nonce: null,
    reference:
      referenceTo(world, target, MessageReferenceType.Default) ??
      referenceTo(world, source, MessageReferenceType.Forward),
    snapshot: source ? { ...source.body, createdAt: source.createdAt, flags: source.flags } : null,
    interactionId: null,
    ephemeralTo: null,
    body: { content, embeds: post.embeds ?? [], components: [], files },
    flags: source ? MessageFlags.HasSnapshot : 0,
    mentions,
    pinged,
  });
  return seeMessage(world, message.id);
}

/** Catches tests that ask for what Discord's own client would not allow. */
function refuseImpossible(world: World, user: UserRecord, channel: ChannelRecord, post: Post): void {
  if (post.forwardOf && (post.content !== undefined || post.files !== undefined)) {
    throw new Error('A forward carries nothing but the forwarded message.');
  }
  if (user.webhook) return;
  const needed = post.files ? (['AttachFiles', sendPermission(channel)] as const) : [sendPermission(channel)];
  for (const name of needed) {
    if (!can(world, user.id, channel, name))
      throw new Error(`${user.name} has no ${name} in ${channel.name}.`);
  }
  if (channel.type === ChannelType.DM && !user.openToDirectMessages) {
    throw new Error(`${user.name} has closed direct messages.`);
  }
}

function referenceTo(
  world: World,
  message: MessageRecord | null,
  type: MessageReferenceType,
): MessageRecord['reference'] {
  if (!message) return null;
  const guildId = world.channels.get(message.channelId)?.guildId ?? null;
  return { type, messageId: message.id, channelId: message.channelId, guildId };
}
