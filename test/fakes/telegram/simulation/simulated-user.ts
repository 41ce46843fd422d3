/** A person that a test controls: writes, sends pictures, clicks buttons, blocks the bot. */
import type { CallbackQuery, User } from '@grammyjs/types';
import { addPrivateChat } from '../chats.ts';
import { withDetectedEntities } from '../entities/detect-entities.ts';
import { captionFields, editPost, textFields, type Content } from '../posts.ts';
import { asAnonymousAdmin, asChannel, asUser, type Sender } from '../senders.ts';
import { announce, announceOther } from '../visibility.ts';
import type { CallbackRecord, ChatRecord, Post, World } from '../world.ts';
import { forwardOf, originOf } from './forwarding.ts';
import { asDocument, asPhoto, asSticker, type FileAbout, type Picture } from './pictures.ts';
import { simulateChat, type SimulatedChat } from './simulated-chat.ts';
import { captionContent, speak, announcePost, textContent, write, type SpeakOptions } from './speaking.ts';

export interface SayOptions extends SpeakOptions {
  /** Speak as an anonymous administrator of the group, or in a channel's name; otherwise as oneself. */
  as?: 'anonymous' | SimulatedChat;
}

export interface PhotoOptions extends SayOptions {
  caption?: string;
  spoiler?: boolean;
}

export interface AlbumOptions extends PhotoOptions {
  /** Which item carries the caption, the first by default. */
  captionOn?: number;
  /** In which order the updates arrive, as indices; the messages keep their own order. */
  order?: readonly number[];
  /** Milliseconds of the clock between two updates, 0 by default. */
  gap?: number;
  /** Send the pictures as files. */
  asFiles?: boolean;
}

export interface SimulatedUser {
  readonly user: User;
  /** The chat with the bot; started by the first message. */
  readonly privateChat: SimulatedChat;
  sendText(chat: SimulatedChat, text: string, options?: SayOptions): Post;
  sendPhoto(chat: SimulatedChat, bytes: Buffer, options?: PhotoOptions): Promise<Post>;
  sendDocument(chat: SimulatedChat, bytes: Buffer, options?: PhotoOptions & FileAbout): Post;
  sendSticker(chat: SimulatedChat, bytes: Buffer, options?: SayOptions): Promise<Post>;
  /** Several pictures as one album: an update each, sharing a `media_group_id`. Resolves when all were queued. */
  sendAlbum(
    chat: SimulatedChat,
    pictures: readonly Buffer[],
    options?: AlbumOptions,
  ): Promise<readonly Post[]>;
  /** Forwards a message of any chat; `hidden` hides who wrote it. */
  forward(chat: SimulatedChat, source: Post, options?: SayOptions & { hidden?: boolean }): Post;
  /** Forwards a photo that someone else posted somewhere. */
  forwardPhoto(
    chat: SimulatedChat,
    bytes: Buffer,
    options?: PhotoOptions & { hidden?: boolean },
  ): Promise<Post>;
  /** Writes a text in reply to a message of another chat. */
  externalReply(chat: SimulatedChat, text: string, source: Post, options?: SayOptions): Post;
  edit(chat: SimulatedChat, post: Post, text: string): void;
  /** Deletes a message. Bots get no update about it. */
  remove(post: Post): void;
  /**
   * Clicks an inline button, named by its text or data. Throws when the message has none such or was deleted.
   * With `forged` the data need not be on any button; with `inaccessible` the message comes without content.
   */
  click(post: Post, button: string, options?: { forged?: boolean; inaccessible?: boolean }): CallbackRecord;
  block(): void;
  unblock(): void;
}

export function simulateUser(world: World, user: User): SimulatedUser {
  const privateRecord = world.chats.get(user.id) ?? addPrivateChat(world, user);
  const privateChat = simulateChat(world, privateRecord);

  function senderOf({ record }: SimulatedChat, { as }: SayOptions): Sender {
    if (as === undefined) return asUser(user);
    if (as !== 'anonymous') return asChannel(as.record);
    const member = record.members.get(user.id);
    const title = member !== undefined && 'custom_title' in member ? member.custom_title : undefined;
    return asAnonymousAdmin(record, title);
  }

  function show(
    chat: SimulatedChat,
    { content, files }: Picture,
    options: PhotoOptions,
    more: Content = {},
  ): Post {
    const whole = { ...content, ...captionContent(options.caption ?? '', options), ...more };
    return speak(world, chat.record, senderOf(chat, options), whole, options, files);
  }

  return {
    user,
    privateChat,
    sendText: (chat, text, options = {}) =>
      speak(world, chat.record, senderOf(chat, options), textContent(text, options), options),
    async sendPhoto(chat, bytes, options = {}) {
      return show(chat, await asPhoto(world, bytes, options.spoiler), options);
    },
    sendDocument: (chat, bytes, options = {}) => show(chat, asDocument(world, bytes, options), options),
    async sendSticker(chat, bytes, options = {}) {
      return show(chat, await asSticker(world, bytes), options);
    },
    async sendAlbum(chat, pictures, options = {}) {
      const { caption = '', captionOn = 0, spoiler, asFiles, gap = 0 } = options;
      const album = String(world.next('album'));
      const items = await Promise.all(
        pictures.map(async (bytes) =>
          asFiles === true ? asDocument(world, bytes) : asPhoto(world, bytes, spoiler),
        ),
      );
      const sender = senderOf(chat, options);
      const posts = items.map(({ content, files }, index) => {
        const own = index === captionOn ? captionContent(caption, options) : {};
        const whole = { ...content, ...own, media_group_id: album };
        return write(world, chat.record, sender, whole, options, files);
      });
      const order = options.order ?? posts.map((_, index) => index);
      for (const [position, index] of order.entries()) {
        if (position > 0 && gap > 0) await new Promise<void>((resolve) => world.clock.after(gap, resolve));
        const post = posts[index];
        if (post === undefined) throw new Error(`the album has no item ${index}`);
        announcePost(world, chat.record, post);
      }
      return posts;
    },
    forward: (chat, source, options = {}) =>
      speak(
        world,
        chat.record,
        senderOf(chat, options),
        forwardOf(source, options.hidden),
        options,
        source.files,
      ),
    async forwardPhoto(chat, bytes, options = {}) {
      const stranger = { id: world.next('user'), is_bot: false, first_name: 'Somebody' };
      const forward_origin =
        options.hidden === true
          ? ({ type: 'hidden_user', date: 1_700_000_000, sender_user_name: 'Somebody' } as const)
          : ({ type: 'user', date: 1_700_000_000, sender_user: stranger } as const);
      return show(chat, await asPhoto(world, bytes, options.spoiler), options, { forward_origin });
    },
    externalReply(chat, text, source, options = {}) {
      const { chat: from, message_id, photo, document, sticker, has_media_spoiler } = source.message;
      const content: Content = {
        ...textContent(text, options),
        external_reply: {
          origin: originOf(source),
          ...(from.type === 'private' ? {} : { chat: from, message_id }),
          ...(photo === undefined ? {} : { photo }),
          ...(document === undefined ? {} : { document }),
          ...(sticker === undefined ? {} : { sticker }),
          ...(has_media_spoiler === undefined ? {} : { has_media_spoiler }),
        },
      };
      return speak(world, chat.record, senderOf(chat, options), content, options);
    },
    edit({ record }, post, text) {
      const entities = withDetectedEntities(text, []);
      const isText = post.message.text !== undefined;
      const nothing = isText ? { entities: undefined } : { caption: undefined, caption_entities: undefined };
      const said = isText ? textFields(text, entities) : captionFields(text, entities);
      editPost(world, post, { ...nothing, ...said });
      announce(world, record, post, true);
    },
    remove(post) {
      post.deleted = true;
      world.changes.notify();
    },
    click: (post, button, options = {}) => click(world, user, post, button, options),
    block() {
      privateChat.setBot('kicked');
    },
    unblock() {
      privateChat.setBot('member');
    },
  };
}

// --- Internal helpers ---

function click(
  world: World,
  from: User,
  { message, deleted }: Post,
  button: string,
  { forged = false, inaccessible = false }: { forged?: boolean; inaccessible?: boolean },
): CallbackRecord {
  const record = recordOf(world, message.chat.id);
  const data = forged ? button : dataOf(message.reply_markup, button);
  if (deleted) throw new Error(`message ${message.message_id} was deleted, nobody can click its buttons`);
  if (data === undefined) throw new Error(`message ${message.message_id} has no button «${button}»`);
  const id = String(world.next('callback'));
  const callback: CallbackRecord = {
    id,
    from,
    chatId: record.chat.id,
    messageId: message.message_id,
    data,
    at: world.clock.now(),
    answer: undefined,
  };
  world.callbacks.set(id, callback);
  const query: CallbackQuery = {
    id,
    from,
    message: inaccessible ? { chat: record.chat, message_id: message.message_id, date: 0 } : message,
    chat_instance: String(Math.abs(record.chat.id) * 7),
    data,
  };
  announceOther(world, record, 'callback_query', query);
  world.changes.notify();
  return callback;
}

function dataOf(markup: Post['message']['reply_markup'], wanted: string): string | undefined {
  for (const button of markup?.inline_keyboard.flat() ?? []) {
    if (!('callback_data' in button)) continue;
    if (button.text === wanted || button.callback_data === wanted) return button.callback_data;
  }
  return undefined;
}

function recordOf(world: World, chatId: number): ChatRecord {
  const record = world.chats.get(chatId);
  if (record === undefined) throw new Error(`there is no chat ${chatId}`);
  return record;
}
