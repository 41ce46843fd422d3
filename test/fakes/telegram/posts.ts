/** Creates and finds messages, with identifiers, senders, replies and threads as the server would fill them in. */
import type { Chat, Message, MessageEntity, User } from '@grammyjs/types';
import type { Sender } from './senders.ts';
import { seconds, type ChatRecord, type Post, type World } from './world.ts';

/** What a message says, apart from where, when and by whom. */
export type Content = Partial<Omit<Message, 'message_id' | 'date' | 'chat' | 'from' | 'sender_chat'>>;

export interface NewPost {
  readonly content: Content;
  readonly sender: Sender;
  readonly replyTo?: Post | undefined;
  /** Identifier of a forum topic. */
  readonly topic?: number | undefined;
  readonly files?: Post['files'];
}

/** Stores a message; it shows in the chat at once. No update is queued. */
export function addPost(
  world: World,
  record: ChatRecord,
  { content, sender, replyTo, topic, files = [] }: NewPost,
): Post {
  const id = nextMessageId(world, record);
  const message: Message = {
    message_id: id,
    ...senderFields(sender),
    date: seconds(world.clock),
    chat: record.chat,
    ...threadFields(record, replyTo, topic),
    ...content,
  };
  const post: Post = {
    message,
    fromBot: sender.isThisBot,
    files,
    deleted: false,
    editions: [],
    reactions: [],
    updateId: undefined,
  };
  record.posts.set(id, post);
  world.changes.notify();
  return post;
}

/** The post if it exists and was not deleted. */
export function findPost(record: ChatRecord, messageId: number): Post | undefined {
  const post = record.posts.get(messageId);
  return post === undefined || post.deleted ? undefined : post;
}

/** Replaces parts of a message and remembers how it was; undefined values take a field away. */
export function editPost(
  world: World,
  post: Post,
  changes: { [Field in keyof Content]?: Content[Field] | undefined },
): void {
  post.editions.push({ at: world.clock.now(), message: structuredClone(post.message) });
  const next: Record<string, unknown> = {
    ...post.message,
    edit_date: seconds(world.clock),
    ...changes,
  };
  for (const [field, value] of Object.entries(next))
    if (value === undefined) Reflect.deleteProperty(next, field);
  post.message = next as unknown as Message;
  world.changes.notify();
}

/** Text fields of a message, absent when there is no text. */
export function textFields(text: string, entities: readonly MessageEntity[]): Content {
  return { text, ...(entities.length === 0 ? {} : { entities: [...entities] }) };
}

/** Caption fields of a message, absent when there is no caption. */
export function captionFields(caption: string, entities: readonly MessageEntity[]): Content {
  if (caption === '') return {};
  return { caption, ...(entities.length === 0 ? {} : { caption_entities: [...entities] }) };
}

// --- Internal helpers ---

/** Private chats and basic groups share one count of the account, supergroups and channels have their own. */
function nextMessageId(world: World, record: ChatRecord): number {
  if (record.chat.type === 'private' || record.chat.type === 'group') return world.next('accountMessage');
  record.lastMessageId += 1;
  return record.lastMessageId;
}

function senderFields({ from, senderChat, signature }: Sender): {
  from?: User;
  sender_chat?: Chat;
  author_signature?: string;
} {
  return {
    ...(from === undefined ? {} : { from }),
    ...(senderChat === undefined ? {} : { sender_chat: senderChat }),
    ...(signature === undefined ? {} : { author_signature: signature }),
  };
}

/**
 * In a forum the topic is marked `is_topic_message`, and a plain message in it answers the topic's first message.
 * In other supergroups a reply carries a `message_thread_id` too, one that no send method accepts (server: JsonMessage).
 */
function threadFields(record: ChatRecord, replyTo: Post | undefined, topic: number | undefined): Content {
  const answered = replyTo === undefined ? {} : { reply_to_message: withoutReply(replyTo.message) };
  if (record.chat.type !== 'supergroup') return answered;
  if (record.chat.is_forum === true) {
    const thread = topic ?? (replyTo?.message.is_topic_message === true ? threadOf(replyTo) : undefined);
    if (thread === undefined) return answered;
    const first = record.posts.get(thread);
    return {
      message_thread_id: thread,
      is_topic_message: true,
      ...(replyTo === undefined && first !== undefined
        ? { reply_to_message: withoutReply(first.message) }
        : answered),
    };
  }
  return replyTo === undefined ? {} : { message_thread_id: threadOf(replyTo), ...answered };
}

function threadOf({ message }: Post): number {
  return message.message_thread_id ?? message.message_id;
}

function withoutReply(message: Message): NonNullable<Message['reply_to_message']> {
  const copy = structuredClone(message);
  delete copy.reply_to_message;
  delete copy.external_reply;
  return copy as NonNullable<Message['reply_to_message']>;
}
