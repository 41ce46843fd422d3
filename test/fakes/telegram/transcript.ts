/** The bot's messages in a chat, for tests: an album is one message, and pictures have their bytes. */
import type { InlineKeyboardButton, Message, MessageEntity, ReactionType } from '@grammyjs/types';
import type { ChatRecord, Post } from './world.ts';

export interface SentPicture {
  readonly messageId: number;
  /** The bytes that were uploaded (for a file_id: back then). */
  readonly bytes: Buffer;
  readonly fileId: string;
  /** Sent by file_id, without an upload. */
  readonly reused: boolean;
  readonly caption: string;
  readonly captionEntities: readonly MessageEntity[];
  readonly spoiler: boolean;
}

export interface BotMessage {
  /** Of an album the first item's. */
  readonly id: number;
  readonly kind: 'text' | 'photo' | 'document' | 'album' | 'other';
  /** Text, or the caption. */
  readonly text: string;
  readonly entities: readonly MessageEntity[];
  readonly pictures: readonly SentPicture[];
  /** Rows of buttons; `data` or `url` is empty where a button has none. */
  readonly keyboard: readonly (readonly { text: string; data: string; url: string }[])[];
  readonly replyTo: number | undefined;
  readonly topic: number | undefined;
  /** Unix time in seconds. */
  readonly date: number;
  /** Texts or captions before each edit, oldest first. */
  readonly editions: readonly string[];
  readonly deleted: boolean;
  readonly reactions: readonly ReactionType[];
  /** The stored messages behind it: one, or an album's items. */
  readonly posts: readonly Post[];
}

/** Everything the bot sent to the chat, oldest first, deleted messages included. */
export function transcribe(record: ChatRecord): BotMessage[] {
  const groups = new Map<string, Post[]>();
  for (const post of record.posts.values()) {
    if (!post.fromBot) continue;
    const key = post.message.media_group_id ?? `message ${post.message.message_id}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [post]);
    else group.push(post);
  }
  return [...groups.values()].map(describe);
}

// --- Internal helpers ---

function describe(posts: readonly Post[]): BotMessage {
  const [first] = posts;
  if (first === undefined) throw new Error('a group of messages is never empty');
  const { message } = first;
  return {
    id: message.message_id,
    kind: posts.length > 1 ? 'album' : kindOf(message),
    text: textOf(message),
    entities: message.entities ?? message.caption_entities ?? [],
    pictures: posts.flatMap(picturesOf),
    keyboard: (message.reply_markup?.inline_keyboard ?? []).map((row) => row.map(buttonOf)),
    replyTo: message.reply_to_message?.message_id,
    topic: message.is_topic_message === true ? message.message_thread_id : undefined,
    date: message.date,
    editions: first.editions.map((edition) => textOf(edition.message)),
    deleted: posts.every(({ deleted }) => deleted),
    reactions: first.reactions,
    posts,
  };
}

function kindOf({ text, photo, document }: Message): BotMessage['kind'] {
  if (text !== undefined) return 'text';
  if (photo !== undefined) return 'photo';
  return document === undefined ? 'other' : 'document';
}

function textOf({ text, caption }: Message): string {
  return text ?? caption ?? '';
}

function picturesOf({ message, files }: Post): SentPicture[] {
  return files.map(({ file, reused }) => ({
    messageId: message.message_id,
    bytes: file.original,
    fileId: file.fileId,
    reused,
    caption: message.caption ?? '',
    captionEntities: message.caption_entities ?? [],
    spoiler: message.has_media_spoiler === true,
  }));
}

function buttonOf(button: InlineKeyboardButton): { text: string; data: string; url: string } {
  return {
    text: button.text,
    data: 'callback_data' in button ? button.callback_data : '',
    url: 'url' in button ? button.url : '',
  };
}
