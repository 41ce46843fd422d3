/** What a message asks of the bot, if anything. Pure: every rule about who is answered where begins here. */

import type { CommandInfo } from '../../../chat/command-info.ts';
import { findPhoto, findQuotedPhoto } from './find-photos.ts';
import { readFilter } from './read-filter.ts';
import { mentions, readCommand, type Self, type TypedCommand } from './read-text.ts';
import type { Asked, CommandRequest, PhotoRequest, PressRequest } from './request.ts';
import type { CallbackQuery, Message } from './update.ts';

export interface Reading {
  readonly self: Self;
  /** Pixels of the model's square input. */
  readonly photoSide: number;
  readonly commands: readonly CommandInfo[];
}

/** Undefined: nothing that concerns the bot. */
export function readMessage(message: Message, reading: Reading): PhotoRequest | CommandRequest | undefined {
  const { self } = reading;
  const asked = askedBy(message);
  if (!asked || isOtherBot(message, self)) return undefined;
  const command = readCommand(message, self);
  if (command) return commandOf(message, asked, command, reading);
  if (asked.isPrivate) return hasContent(message) ? photosOf(message, asked, 'command', reading) : undefined;
  // A picture in reply to the bot is meant for it as much as one that names it; words alone ("thanks") are not.
  const repliesToBot = message.reply_to_message?.from?.id === self.id;
  const own = findPhoto(message, { side: reading.photoSide, anyFile: false });
  if (mentions(message, self) || (repliesToBot && own)) return photosOf(message, asked, 'mention', reading);
  return own ? photosOf(message, asked, 'posted', reading) : undefined;
}

/** Undefined for buttons that are not ours, or whose message is unknown. */
export function readPress({ id, from, data, message }: CallbackQuery): PressRequest | undefined {
  if (data === undefined || !message) return undefined;
  const { chat, message_id, reply_to_message: replied, reply_markup } = message;
  const topic = topicOf(message);
  return {
    kind: 'press',
    query: id,
    data,
    pressed: message_id,
    isText: message.text !== undefined,
    chat: chat.id,
    isPrivate: chat.type === 'private',
    ...(topic !== undefined && { topic }),
    // What comes of it replies to the photo, like the answer whose button it was.
    message: replied?.message_id ?? message_id,
    person: from.id,
    locale: from.language_code ?? 'en',
    ...(reply_markup && { keyboard: reply_markup.inline_keyboard }),
  };
}

// --- Internal helpers ---

function askedBy(message: Message): Asked | undefined {
  const { chat, from, sender_chat: speaker, message_id } = message;
  const person = speaker?.id ?? from?.id;
  if (person === undefined) return undefined;
  const topic = topicOf(message);
  return {
    chat: chat.id,
    isPrivate: chat.type === 'private',
    ...(topic !== undefined && { topic }),
    message: message_id,
    person,
    // Anonymous administrators of a group, and whoever may post in a channel.
    ...(speaker?.id === chat.id && { asChat: true as const }),
    locale: (speaker ? undefined : from?.language_code) ?? 'en',
  };
}

/** Outside forums a reply carries a thread id as well, and no method takes that one. */
function topicOf(message: Pick<Message, 'is_topic_message' | 'message_thread_id'>): number | undefined {
  return message.is_topic_message === true ? message.message_thread_id : undefined;
}

/** `from` is a bot, too, where a chat speaks. */
function isOtherBot({ from, sender_chat }: Message, self: Self): boolean {
  return from?.id === self.id || (from?.is_bot === true && !sender_chat);
}

/** Somebody said something, and not Telegram that a message was pinned. */
function hasContent(message: Message): boolean {
  const { text, photo, document, sticker, animation, video, voice, audio, video_note } = message;
  return [text, photo, document, sticker, animation, video, voice, audio, video_note].some(
    (content) => content !== undefined,
  );
}

function commandOf(
  message: Message,
  asked: Asked,
  { name, argument, addressed }: TypedCommand,
  reading: Reading,
): PhotoRequest | CommandRequest | undefined {
  // Every Telegram client offers /start.
  if (name === 'start') return { kind: 'command', ...asked, name: 'help' };
  const known = reading.commands.find((command) => command.name === name);
  if (known?.options.some(({ kind }) => kind === 'photo')) {
    const filter = readFilter(argument, known);
    return { ...photosOf(message, asked, 'command', reading), ...(filter && { filter }) };
  }
  // In a group an unknown command without a name is likely another bot's.
  if (!known && !asked.isPrivate && !addressed) return undefined;
  return { kind: 'command', ...asked, name, ...(argument !== '' && { argument }) };
}

function photosOf(
  message: Message,
  asked: Asked,
  trigger: PhotoRequest['trigger'],
  { photoSide: side }: Reading,
): PhotoRequest {
  const choice = { side, anyFile: trigger !== 'posted' };
  const photo =
    findPhoto(message, choice) ?? (trigger === 'posted' ? undefined : findQuotedPhoto(message, choice));
  return {
    kind: 'photos',
    ...asked,
    trigger,
    photos: photo ? [photo] : [],
    ...(message.media_group_id !== undefined && { album: message.media_group_id }),
  };
}
