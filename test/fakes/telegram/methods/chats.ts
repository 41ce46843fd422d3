/** getChat, getChatMember, getChatAdministrators, leaveChat and getFile. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChatMember, File } from '@grammyjs/types';
import { accessChat } from '../access.ts';
import { badRequest } from '../api-error.ts';
import { limits } from '../limits.ts';
import { memberOf } from '../members.ts';
import { integer, text } from '../parameters.ts';
import type { ChatRecord } from '../world.ts';
import type { Method } from './method.ts';

export const getChat: Method = (world, parameters) => {
  const { chat } = accessChat(world, parameters, 'read');
  const common = {
    ...chat,
    accent_color_id: 0,
    max_reaction_count: 11,
    accepted_gift_types: {
      unlimited_gifts: false,
      limited_gifts: false,
      unique_gifts: false,
      premium_subscription: false,
      gifts_from_channels: false,
    },
  };
  return chat.type === 'private' || chat.type === 'channel'
    ? common
    : {
        ...common,
        permissions: { can_send_messages: true, can_send_photos: true, can_send_documents: true },
      };
};

export const getChatMember: Method = (world, parameters): ChatMember => {
  const userId = integer(parameters, 'user_id', 0, 0);
  if (userId === 0) throw badRequest('invalid user_id specified');
  const record = accessChat(world, parameters, 'members');
  const member = memberOf(world, record, userId);
  if (member === undefined) throw badRequest('user not found');
  return member;
};

/** Administrators and the owner, anonymous ones included; no other bots. */
export const getChatAdministrators: Method = (world, parameters): ChatMember[] => {
  const record = accessChat(world, parameters, 'members');
  if (record.chat.type === 'private') throw badRequest('there are no administrators in the private chat');
  return administratorsOf(record).concat(
    record.botStatus === 'administrator'
      ? [memberOf(world, record, world.bot.id)].flatMap((m) => m ?? [])
      : [],
  );
};

export const leaveChat: Method = (world, parameters) => {
  const record = accessChat(world, parameters, 'read');
  if (record.chat.type === 'private')
    throw badRequest("chat member status can't be changed in private chats");
  record.botStatus = 'left';
  world.changes.notify();
  return true;
};

export const getFile: Method = (world, parameters): File => {
  const fileId = text(parameters, 'file_id');
  if (fileId === '') throw badRequest('file_id not specified');
  if (!/^[\w-]{20,}$/.test(fileId)) throw badRequest('invalid file_id');
  const file = world.files.find(fileId);
  if (file === undefined) throw badRequest('wrong file_id or the file is temporarily unavailable');
  if (world.localFolder === undefined && file.bytes.length > limits.downloadSize.value)
    throw badRequest('file is too big');
  const about = { file_id: fileId, file_unique_id: file.uniqueId, file_size: file.bytes.length };
  const path = world.files.link(file);
  if (world.localFolder === undefined) return { ...about, file_path: path };
  // A server in local mode has the file on its own disk and answers with the absolute path.
  const onDisk = join(world.localFolder, path.replaceAll('/', '_'));
  writeFileSync(onDisk, file.bytes);
  return { ...about, file_path: onDisk };
};

// --- Internal helpers ---

function administratorsOf({ members }: ChatRecord): ChatMember[] {
  return [...members.values()].filter(
    ({ status, user }) => !user.is_bot && (status === 'administrator' || status === 'creator'),
  );
}
