/** Creates chats (private, group, supergroup, forum, channel), and migrates a group to a supergroup. */
import type { Chat, User } from '@grammyjs/types';
import { addPost } from './posts.ts';
import { asAnonymousAdmin, asUser } from './senders.ts';
import { announce } from './visibility.ts';
import { anonymousAdmin, type BotStatus, type ChatRecord, type Post, type World } from './world.ts';

export function addChat(world: World, chat: Chat, botStatus: BotStatus): ChatRecord {
  const record: ChatRecord = {
    chat,
    posts: new Map(),
    lastMessageId: 0,
    members: new Map(),
    topics: new Map(),
    botStatus,
    botMayNot: new Set(),
    botMayDelete: botStatus === 'administrator',
    actions: [],
    migratedTo: undefined,
    closed: false,
    linkedChannel: undefined,
  };
  world.chats.set(chat.id, record);
  return record;
}

/** The private chat of a person, not yet started. */
export function addPrivateChat(world: World, user: User): ChatRecord {
  const { id, first_name, last_name, username } = user;
  return addChat(
    world,
    {
      id,
      type: 'private',
      first_name,
      ...(last_name === undefined ? {} : { last_name }),
      ...(username === undefined ? {} : { username }),
    },
    'left',
  );
}

/** A new topic: its identifier is that of the service message that opens it. */
export function addTopic(world: World, record: ChatRecord, name: string, creator: User): number {
  const post = addPost(world, record, {
    content: { forum_topic_created: { name, icon_color: 0x6fb9f0 } },
    sender: asUser(creator),
  });
  const id = post.message.message_id;
  post.message = { ...post.message, message_thread_id: id, is_topic_message: true };
  record.topics.set(id, { id, name, closed: false });
  return id;
}

/**
 * Upgrades a basic group. The old identifier answers 400 with `migrate_to_chat_id` from now on, the new chat has the
 * members and no messages, and each of the two gets a service message that names the other.
 */
export function migrateGroup(
  world: World,
  group: ChatRecord,
): { record: ChatRecord; posts: readonly Post[] } {
  if (group.chat.type !== 'group')
    throw new Error(`only a basic group can migrate, not a ${group.chat.type}`);
  const id = world.next('supergroup');
  const record = addChat(world, { id, type: 'supergroup', title: group.chat.title }, group.botStatus);
  for (const [userId, member] of group.members) record.members.set(userId, member);
  record.botMayNot = group.botMayNot;
  group.migratedTo = id;
  const leaving = addPost(world, group, {
    content: { migrate_to_chat_id: id },
    sender: asUser(ownerOf(group)),
  });
  const arriving = addPost(world, record, {
    content: { migrate_from_chat_id: group.chat.id },
    sender: asAnonymousAdmin(record),
  });
  leaving.updateId = announce(world, group, leaving);
  arriving.updateId = announce(world, record, arriving);
  return { record, posts: [leaving, arriving] };
}

export function ownerOf({ members }: ChatRecord): User {
  const all = [...members.values()];
  return (all.find(({ status }) => status === 'creator') ?? all[0])?.user ?? anonymousAdmin;
}
