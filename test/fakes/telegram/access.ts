/** Finds the chat of a call and checks what the bot may do there, in the order and with the messages of the real server. */
import { ApiError, badRequest, forbidden } from './api-error.ts';
import { findPost } from './posts.ts';
import { flag, integer, isObject, json, text, textField, type Parameters } from './parameters.ts';
import type { ChatRecord, Post, Right, World } from './world.ts';

export type Access = 'read' | 'members' | 'edit' | 'write';

/** The chat of parameter `name`. Throws 400 when unknown or upgraded, 403 when the bot is out. */
export function accessChat(
  world: World,
  parameters: Parameters,
  access: Access,
  name = 'chat_id',
): ChatRecord {
  const wanted = text(parameters, name);
  if (wanted === '') throw badRequest(`${name} is empty`);
  const record = findChat(world, wanted);
  if (record === undefined) throw badRequest('chat not found');
  checkAccess(record, access);
  return record;
}

/** A message of the chat, by parameter `message_id`; throws 400 «… not found». */
export function accessPost(record: ChatRecord, parameters: Parameters, what: string): Post {
  const post = findPost(record, integer(parameters, 'message_id', 0));
  if (post === undefined) throw badRequest(`${what} not found`);
  return post;
}

/** Throws 400 when the bot may not send this kind of message in the chat. */
export function checkRight(record: ChatRecord, right: Right): void {
  if (record.chat.type === 'channel' && record.botStatus !== 'administrator') {
    throw badRequest('need administrator rights in the channel chat');
  }
  if (!record.botMayNot.has(right)) return;
  const noun = {
    messages: 'text messages',
    photos: 'photos',
    documents: 'documents',
    other: 'other messages',
  };
  throw badRequest(`not enough rights to send ${noun[right]} to the chat`);
}

/** The message a call replies to. Throws 400 when it is gone and may not be missed. */
export function readReply(record: ChatRecord, parameters: Parameters): Post | undefined {
  const { id, maybe } = replyWish(record, parameters);
  if (id === 0) return undefined;
  const post = findPost(record, id);
  if (post === undefined && !maybe) throw badRequest('message to be replied not found');
  return post;
}

/** The forum topic a call names. Throws 400 when there is none, or when it is closed to the bot. */
export function readTopic(record: ChatRecord, parameters: Parameters): number | undefined {
  const id = integer(parameters, 'message_thread_id', 0);
  if (id <= 0) return undefined;
  const topic = record.topics.get(id);
  if (topic === undefined) {
    const isThread = findPost(record, id) !== undefined;
    throw badRequest(`message thread ${isThread ? 'is not a forum topic thread' : 'not found'}`);
  }
  if (topic.closed && record.botStatus !== 'administrator') throw badRequest('TOPIC_CLOSED');
  return id;
}

/** Groups have flood and command rules of their own. */
export function isGroup(record: ChatRecord): boolean {
  return record.chat.type === 'group' || record.chat.type === 'supergroup';
}

// --- Internal helpers ---

/** `id` is 0 for no reply; `maybe` means that the message may be missing. */
function replyWish(record: ChatRecord, parameters: Parameters): { id: number; maybe: boolean } {
  const given = json(parameters, 'reply_parameters', 'reply parameters');
  if (given === undefined) {
    const id = integer(parameters, 'reply_to_message_id', 0);
    return { id, maybe: flag(parameters, 'allow_sending_without_reply') };
  }
  if (!isObject(given)) throw badRequest('object expected as reply parameters');
  if (Object.keys(given).length === 0) return { id: 0, maybe: true };
  const id = Number.parseInt(textField(given, 'message_id'), 10);
  if (!Number.isInteger(id) || id === 0) throw badRequest('can\'t find field "message_id"');
  const chat = textField(given, 'chat_id');
  if (chat !== '' && chat !== String(record.chat.id))
    throw badRequest('the fake does not reply across chats');
  return { id, maybe: given.allow_sending_without_reply === true };
}

function findChat(world: World, wanted: string): ChatRecord | undefined {
  if (!wanted.startsWith('@')) {
    const record = world.chats.get(Number(wanted));
    // A person the bot never heard of is no chat.
    return record?.chat.type === 'private' && record.botStatus === 'left' ? undefined : record;
  }
  const name = wanted.slice(1).toLowerCase();
  return [...world.chats.values()].find(
    ({ chat }) =>
      (chat.type === 'supergroup' || chat.type === 'channel') && chat.username?.toLowerCase() === name,
  );
}

function checkAccess(record: ChatRecord, access: Access): void {
  const { chat, botStatus, migratedTo } = record;
  const kind = chat.type === 'private' ? 'private' : `${chat.type} chat`;
  if (chat.type === 'private') {
    if (botStatus === 'kicked' && access === 'write') throw forbidden('bot was blocked by the user');
    return;
  }
  // The server's AccessRights: members of a basic group can only be read with the right to write there.
  const writes = access === 'write' || (access === 'members' && chat.type === 'group');
  if (migratedTo !== undefined && writes) {
    throw badRequest('group chat was upgraded to a supergroup chat', { migrate_to_chat_id: migratedTo });
  }
  if (record.closed && writes) throw new ApiError(403, 'Forbidden: the group chat was deleted');
  if (chat.type === 'group' && access === 'read') return;
  if (botStatus === 'kicked') throw forbidden(`bot was kicked from the ${kind}`);
  if (botStatus === 'left') throw forbidden(`bot is not a member of the ${kind}`);
}
