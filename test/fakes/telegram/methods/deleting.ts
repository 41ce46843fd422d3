/** deleteMessage, deleteMessages and setMessageReaction. */
import type { ReactionType } from '@grammyjs/types';
import { accessChat, accessPost } from '../access.ts';
import { badRequest } from '../api-error.ts';
import { limits } from '../limits.ts';
import { isObject, json, requiredText } from '../parameters.ts';
import { findPost } from '../posts.ts';
import type { ChatRecord, Post, World } from '../world.ts';
import type { Method } from './method.ts';

export const deleteMessage: Method = (world, parameters) => {
  const record = accessChat(world, parameters, 'write');
  const post = accessPost(record, parameters, 'message to delete');
  checkDeletable(world, record, post);
  post.deleted = true;
  world.changes.notify();
  return true;
};

/** Messages that are missing or may not be deleted are skipped. */
export const deleteMessages: Method = (world, parameters) => {
  requiredText(parameters, 'message_ids');
  const ids = json(parameters, 'message_ids', 'message_ids');
  if (!Array.isArray(ids) || ids.length === 0) throw badRequest('message identifiers are not specified');
  if (ids.length > limits.messagesToDelete.value) throw badRequest('too many message identifiers specified');
  const record = accessChat(world, parameters, 'write');
  for (const id of ids) {
    const post = findPost(record, Number(id));
    if (post !== undefined && isDeletable(world, record, post)) post.deleted = true;
  }
  world.changes.notify();
  return true;
};

/** Reactions a bot may set without paying: a part of the documented list is enough here. */
const emoji = ['👍', '👎', '❤', '🔥', '🥰', '👏', '😁', '🤔', '🎉', '🤩', '🙏', '👌', '👀', '😎', '✍', '💯'];

export const setMessageReaction: Method = (world, parameters) => {
  const wanted = json(parameters, 'reaction', 'reaction types') ?? [];
  if (!Array.isArray(wanted)) throw badRequest('expected an Array of ReactionType');
  const record = accessChat(world, parameters, 'read');
  const post = accessPost(record, parameters, 'message to react');
  if (wanted.length > limits.botReactions.value) throw badRequest('REACTIONS_TOO_MANY');
  for (const reaction of wanted) {
    if (!isObject(reaction) || reaction.type !== 'emoji' || !emoji.includes(String(reaction.emoji))) {
      throw badRequest('REACTION_INVALID');
    }
  }
  post.reactions = wanted as ReactionType[];
  world.changes.notify();
  return true;
};

// --- Internal helpers ---

function isOld(world: World, { message }: Post): boolean {
  return world.clock.now() - message.date * 1000 > limits.deletableTime.value;
}

/** Source: docs, deleteMessage. */
function isDeletable(world: World, record: ChatRecord, post: Post): boolean {
  if (isOld(world, post)) return false;
  return post.fromBot || record.chat.type === 'private' || record.botMayDelete;
}

function checkDeletable(world: World, record: ChatRecord, post: Post): void {
  if (isDeletable(world, record, post)) return;
  throw badRequest(`message can't be deleted${isOld(world, post) ? ' for everyone' : ''}`);
}
