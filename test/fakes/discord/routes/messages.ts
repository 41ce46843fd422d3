/** The routes of messages in channels: create, edit, delete, read, typing, and the application's own reactions. */

import { MessageFlags, MessageReferenceType, MessageType } from 'discord-api-types/v10';
import { formError, refusals } from '../api-error.ts';
import { objectOf, textOf } from '../json.ts';
import { deleteMessage } from '../message-events.ts';
import { messagePayload, restViewer } from '../message-payload.ts';
import { can, sendPermission } from '../permissions.ts';
import { objectBody } from '../read-body.ts';
import { createMessage, editMessage } from '../store-message.ts';
import type { ChannelRecord, MessageRecord, MessageReference, World } from '../state.ts';
import { checkFlags } from '../validate-message.ts';
import { type Answer, type Call, type Route, visibleChannel } from './route.ts';

const CREATE_FLAGS =
  MessageFlags.SuppressEmbeds |
  MessageFlags.SuppressNotifications |
  MessageFlags.IsVoiceMessage |
  MessageFlags.IsComponentsV2;

const shared = { auth: true, major: 'channel', global: true } as const;

export const messageRoutes: readonly Route[] = [
  {
    ...shared,
    method: 'POST',
    path: '/channels/:channel/messages',
    bucket: 'message-create',
    answer: create,
  },
  { ...shared, method: 'GET', path: '/channels/:channel/messages', bucket: 'other', answer: list },
  { ...shared, method: 'GET', path: '/channels/:channel/messages/:message', bucket: 'other', answer: read },
  {
    ...shared,
    method: 'PATCH',
    path: '/channels/:channel/messages/:message',
    bucket: 'message-edit',
    answer: edit,
  },
  {
    ...shared,
    method: 'DELETE',
    path: '/channels/:channel/messages/:message',
    bucket: 'message-delete',
    answer: remove,
  },
  { ...shared, method: 'POST', path: '/channels/:channel/typing', bucket: 'typing', answer: type },
  {
    ...shared,
    method: 'PUT',
    path: '/channels/:channel/messages/:message/reactions/:emoji/@me',
    bucket: 'other',
    answer: react,
  },
  {
    ...shared,
    method: 'DELETE',
    path: '/channels/:channel/messages/:message/reactions/:emoji/@me',
    bucket: 'other',
    answer: react,
  },
];

async function create(call: Call): Promise<Answer> {
  const { world } = call;
  const channel = visibleChannel(call);
  const body = objectBody(call.body);
  refuseWithoutPermissions(call, channel);
  const reference = referenceOf(world, channel, body.message_reference);
  const repeated = sameNonce(world, channel, body.nonce, body.enforce_nonce === true);
  if (repeated) return { status: 200, json: messagePayload(world, repeated, restViewer(world)) };
  const message = await createMessage(world, {
    channel,
    body,
    uploads: call.body.uploads,
    path: [],
    type: reference === null ? MessageType.Default : MessageType.Reply,
    flags: checkFlags(body.flags, CREATE_FLAGS, []),
    reference,
    interaction: null,
    mentionsByDefault: ['users', 'roles', 'everyone'],
  });
  return { status: 200, json: messagePayload(world, message, restViewer(world)) };
}

function list(call: Call): Answer {
  const { world } = call;
  const channel = visibleChannel(call);
  if (!can(world, world.application.id, channel, 'ReadMessageHistory')) return { status: 200, json: [] };
  const before = call.query.get('before');
  const after = call.query.get('after');
  const limit = Number(call.query.get('limit') ?? 50);
  const found = [...world.messages.values()]
    .filter((message) => message.channelId === channel.id && isPublic(message))
    .filter((message) => before === null || BigInt(message.id) < BigInt(before))
    .filter((message) => after === null || BigInt(message.id) > BigInt(after))
    .reverse()
    .slice(0, limit);
  return { status: 200, json: found.map((message) => messagePayload(world, message, restViewer(world))) };
}

function read(call: Call): Answer {
  const { world } = call;
  const message = messageOf(call, visibleChannel(call));
  return { status: 200, json: messagePayload(world, message, restViewer(world)) };
}

async function edit(call: Call): Promise<Answer> {
  const { world } = call;
  const message = messageOf(call, visibleChannel(call));
  if (message.authorId !== world.application.id) throw refusals.notTheAuthor();
  await editMessage(world, message, { body: objectBody(call.body), uploads: call.body.uploads, path: [] });
  return { status: 200, json: messagePayload(world, message, restViewer(world)) };
}

function remove(call: Call): Answer {
  const { world } = call;
  const channel = visibleChannel(call);
  const message = messageOf(call, channel);
  const own = message.authorId === world.application.id;
  if (!own && !can(world, world.application.id, channel, 'ManageMessages'))
    throw refusals.missingPermissions();
  deleteMessage(world, message);
  return { status: 204 };
}

function type(call: Call): Answer {
  const channel = visibleChannel(call);
  if (!can(call.world, call.world.application.id, channel, sendPermission(channel)))
    throw refusals.missingPermissions();
  return { status: 204 };
}

function react(call: Call): Answer {
  const { world } = call;
  const channel = visibleChannel(call);
  messageOf(call, channel);
  const id = world.application.id;
  if (!can(world, id, channel, 'ReadMessageHistory') || !can(world, id, channel, 'AddReactions')) {
    throw refusals.missingPermissions();
  }
  return { status: 204 };
}

// --- Internal helpers ---

/** Ephemeral messages exist only for their interaction's token. */
function isPublic(message: MessageRecord): boolean {
  return message.deletedAt === null && message.ephemeralTo === null;
}

function messageOf(call: Call, channel: ChannelRecord): MessageRecord {
  const message = call.world.messages.get(call.param('message'));
  if (message?.channelId !== channel.id || !isPublic(message)) throw refusals.unknownMessage();
  return message;
}

function refuseWithoutPermissions(call: Call, channel: ChannelRecord): void {
  const { world, body } = call;
  const may = (name: Parameters<typeof can>[3]): boolean => can(world, world.application.id, channel, name);
  const recipient = channel.recipientId === null ? undefined : world.users.get(channel.recipientId);
  if (recipient && !recipient.openToDirectMessages) throw refusals.closedDirectMessages();
  if (!may(sendPermission(channel))) throw refusals.missingPermissions();
  if (body.uploads.length > 0 && !may('AttachFiles')) throw refusals.missingPermissions();
  const embeds = objectBody(body).embeds;
  if (Array.isArray(embeds) && embeds.length > 0 && !may('EmbedLinks')) throw refusals.missingPermissions();
}

/** A reply to a message that is gone is refused, or sent as a plain message, as the request asks. */
function referenceOf(world: World, channel: ChannelRecord, value: unknown): MessageReference | null {
  if (value === undefined || value === null) return null;
  const reference = objectOf(value);
  const path = ['message_reference'];
  if ((reference.type ?? MessageReferenceType.Default) !== MessageReferenceType.Default) {
    throw formError([...path, 'type'], 'FAKE_UNSUPPORTED', 'This fake lets only people forward messages.');
  }
  if (!can(world, world.application.id, channel, 'ReadMessageHistory')) throw refusals.noHistory();
  const messageId = textOf(reference.message_id) ?? '';
  if (![undefined, null, channel.id].includes(reference.channel_id as string | undefined)) {
    throw formError(
      path,
      'REPLIES_CANNOT_REFERENCE_OTHER_CHANNEL',
      'Cannot reply to a message in a different channel',
    );
  }
  const target = world.messages.get(messageId);
  if (target?.channelId === channel.id && isPublic(target)) {
    return { type: MessageReferenceType.Default, messageId, channelId: channel.id, guildId: channel.guildId };
  }
  if (reference.fail_if_not_exists === false) return null;
  throw formError(path, 'REPLIES_UNKNOWN_MESSAGE', 'Unknown message');
}

/** With `enforce_nonce` the same nonce gives the same message again, for some minutes. */
function sameNonce(
  world: World,
  channel: ChannelRecord,
  nonce: unknown,
  enforced: boolean,
): MessageRecord | undefined {
  if (!enforced || nonce === undefined || nonce === null) return undefined;
  return [...world.messages.values()].find(
    (message) =>
      message.channelId === channel.id &&
      message.authorId === world.application.id &&
      message.nonce === nonce &&
      message.createdAt > world.clock.now() - 5 * 60_000,
  );
}
