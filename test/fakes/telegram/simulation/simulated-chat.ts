/** A chat that a test controls: its members, its topics, the bot's status, and the posts of a channel. */
import type { Chat, User } from '@grammyjs/types';
import { addTopic, ownerOf } from '../chats.ts';
import { botEntry, memberEntry, type MemberStatus } from '../members.ts';
import { asChannelPost } from '../senders.ts';
import { announceOther } from '../visibility.ts';
import { seconds, type BotStatus, type ChatRecord, type Post, type Right, type World } from '../world.ts';
import { asPhoto } from './pictures.ts';
import { captionContent, speak, textContent } from './speaking.ts';

export interface SimulatedChat {
  readonly id: number;
  readonly chat: Chat;
  readonly record: ChatRecord;
  /** Adds a person or changes their status. Anonymous administrators write as the group. */
  add(
    user: { readonly user: User },
    status?: MemberStatus,
    options?: { anonymous?: boolean; title?: string },
  ): SimulatedChat;
  /** Changes the bot's status and sends it the update `my_chat_member`. */
  setBot(status: BotStatus, rights?: { mayNot?: readonly Right[]; mayDelete?: boolean }): SimulatedChat;
  /** Opens a topic of a forum; its identifier. */
  addTopic(name: string): number;
  closeTopic(id: number): void;
  /** The group was deleted by its owner. */
  close(): void;
  /** Makes a channel's posts appear in this group. */
  linkChannel(channel: SimulatedChat): SimulatedChat;
  /** Posts of a channel itself. */
  postText(text: string): Post;
  postPhoto(bytes: Buffer, options?: { caption?: string; spoiler?: boolean }): Promise<Post>;
}

export function simulateChat(world: World, record: ChatRecord): SimulatedChat {
  const chat: SimulatedChat = {
    get id() {
      return record.chat.id;
    },
    get chat() {
      return record.chat;
    },
    record,
    add({ user }, status = 'member', options = {}) {
      record.members.set(user.id, memberEntry(user, status, options));
      return chat;
    },
    setBot(status, { mayNot = [], mayDelete = status === 'administrator' } = {}) {
      const before = botEntry(world, record.botStatus);
      record.botStatus = status;
      record.botMayNot = new Set(mayNot);
      record.botMayDelete = mayDelete;
      announceOther(world, record, 'my_chat_member', {
        chat: record.chat,
        from: ownerOf(record),
        date: seconds(world.clock),
        old_chat_member: before,
        new_chat_member: botEntry(world, status),
      });
      world.changes.notify();
      return chat;
    },
    addTopic(name) {
      if (record.chat.is_forum !== true) throw new Error('only a forum has topics');
      return addTopic(world, record, name, ownerOf(record));
    },
    closeTopic(id) {
      const topic = record.topics.get(id);
      if (topic === undefined) throw new Error(`the chat has no topic ${id}`);
      topic.closed = true;
    },
    close() {
      record.closed = true;
    },
    linkChannel(channel) {
      record.linkedChannel = channel.id;
      return chat;
    },
    postText: (text) => speak(world, record, asChannelPost(record), textContent(text, {}), {}),
    async postPhoto(bytes, { caption = '', spoiler = false } = {}) {
      const { content, files } = await asPhoto(world, bytes, spoiler);
      const whole = { ...content, ...captionContent(caption, {}) };
      return speak(world, record, asChannelPost(record), whole, {}, files);
    },
  };
  return chat;
}
