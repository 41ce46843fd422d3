/** Posts messages of people and channels: stores the message and queues an update if the bot may see it. */
import type { MessageEntity } from '@grammyjs/types';
import { withDetectedEntities } from '../entities/detect-entities.ts';
import { addPost, captionFields, findPost, textFields, type Content } from '../posts.ts';
import { asAutomaticForward, type Sender } from '../senders.ts';
import { announce } from '../visibility.ts';
import type { ChatRecord, Post, World } from '../world.ts';

export interface SpeakOptions {
  /** The message answered, or its identifier. */
  replyTo?: Post | number;
  /** A forum topic's identifier. */
  topic?: number;
  /** Entities beyond those Telegram finds by itself, such as `text_mention`. */
  entities?: readonly MessageEntity[];
}

export function textContent(text: string, { entities = [] }: SpeakOptions): Content {
  return textFields(text, withDetectedEntities(text, entities));
}

export function captionContent(caption: string, { entities = [] }: SpeakOptions): Content {
  return captionFields(caption, withDetectedEntities(caption, entities));
}

/** Stores the message without queuing an update. */
export function write(
  world: World,
  record: ChatRecord,
  sender: Sender,
  content: Content,
  options: SpeakOptions,
  files: Post['files'] = [],
): Post {
  const { replyTo, topic } = options;
  // In a private chat any message starts the bot.
  if (record.chat.type === 'private' && record.botStatus === 'left') record.botStatus = 'member';
  const answered = typeof replyTo === 'number' ? findPost(record, replyTo) : replyTo;
  return addPost(world, record, { content, sender, replyTo: answered, topic, files });
}

/** Queues the update of a message if the bot may see it. A channel post also appears in the linked discussion group. */
export function announcePost(world: World, record: ChatRecord, post: Post): void {
  post.updateId = announce(world, record, post);
  if (record.chat.type !== 'channel') return;
  for (const group of world.chats.values()) {
    if (group.linkedChannel !== record.chat.id) continue;
    const { message_id, date } = post.message;
    const content: Content = structuredClone(post.message);
    for (const own of ['message_id', 'date', 'chat', 'sender_chat']) Reflect.deleteProperty(content, own);
    const forwarded = addPost(world, group, {
      content: {
        ...content,
        is_automatic_forward: true,
        forward_origin: { type: 'channel', date, chat: record.chat, message_id },
      },
      sender: asAutomaticForward(record),
      files: post.files,
    });
    forwarded.updateId = announce(world, group, forwarded);
  }
}

export function speak(...[world, record, ...rest]: Parameters<typeof write>): Post {
  const post = write(world, record, ...rest);
  announcePost(world, record, post);
  return post;
}
