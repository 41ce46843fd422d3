/** What a message asks of the bot, if anything. Every rule about which messages are answered starts here. Pure. */

import type { CommandInfo } from '../../../chat/command-info.ts';
import { findPhoto, findRepliedPhoto } from './find-photos.ts';
import { readFilter, readGarment } from './read-filter.ts';
import { mentions, readCommand, type Self, type TypedCommand } from './read-text.ts';
import type { CallbackQueryRequest, CommandRequest, PhotoRequest, RequestContext } from './request.ts';
import type { CallbackQuery, Message } from './update.ts';

export interface ReadingContext {
  readonly self: Self;
  /** Pixels of the model's square input. */
  readonly photoSide: number;
  readonly commands: readonly CommandInfo[];
}

/** Undefined when the message does not concern the bot. */
export function readMessage(
  message: Message,
  reading: ReadingContext,
): PhotoRequest | CommandRequest | undefined {
  const { self } = reading;
  const context = contextOf(message);
  if (!context || isOtherBot(message, self)) return undefined;
  const command = readCommand(message, self);
  if (command) return commandOf(message, context, command, reading);
  if (context.isPrivate)
    return hasContent(message) ? photosOf(message, context, 'command', reading) : undefined;
  // A picture in reply to the bot is meant for it as much as one that mentions it. Text alone ("thanks") is not.
  const repliesToBot = message.reply_to_message?.from?.id === self.id;
  const own = findPhoto(message, { side: reading.photoSide, anyFile: false });
  if (mentions(message, self) || (repliesToBot && own)) return photosOf(message, context, 'mention', reading);
  return own ? photosOf(message, context, 'posted', reading) : undefined;
}

/** Undefined for buttons that are not the bot's, or whose message is unknown. */
export function readCallbackQuery({
  id,
  from,
  data,
  message,
}: CallbackQuery): CallbackQueryRequest | undefined {
  if (data === undefined || !message) return undefined;
  const { chat, message_id, reply_to_message: repliedTo, reply_markup } = message;
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
    // The answer replies to the photo, like the message that has the button.
    message: repliedTo?.message_id ?? message_id,
    person: from.id,
    locale: from.language_code ?? 'en',
    ...(reply_markup && { keyboard: reply_markup.inline_keyboard }),
  };
}

// --- Internal helpers ---

function contextOf(message: Message): RequestContext | undefined {
  const { chat, from, sender_chat: senderChat, message_id } = message;
  const person = senderChat?.id ?? from?.id;
  if (person === undefined) return undefined;
  const topic = topicOf(message);
  return {
    chat: chat.id,
    isPrivate: chat.type === 'private',
    ...(topic !== undefined && { topic }),
    message: message_id,
    person,
    // Anonymous administrators of a group, and people who post in a channel.
    ...(senderChat?.id === chat.id && { asChat: true as const }),
    locale: (senderChat ? undefined : from?.language_code) ?? 'en',
  };
}

/** Outside forums a reply has a thread id as well, which no method accepts. */
function topicOf(message: Pick<Message, 'is_topic_message' | 'message_thread_id'>): number | undefined {
  return message.is_topic_message === true ? message.message_thread_id : undefined;
}

/** Where a chat is the sender, `from` is a bot too. */
function isOtherBot({ from, sender_chat }: Message, self: Self): boolean {
  return from?.id === self.id || (from?.is_bot === true && !sender_chat);
}

/** Whether somebody wrote it, unlike a service message such as that of a pinned message. */
function hasContent(message: Message): boolean {
  const { text, photo, document, sticker, animation, video, voice, audio, video_note } = message;
  return [text, photo, document, sticker, animation, video, voice, audio, video_note].some(
    (content) => content !== undefined,
  );
}

function commandOf(
  message: Message,
  context: RequestContext,
  { name, argument, addressed }: TypedCommand,
  reading: ReadingContext,
): PhotoRequest | CommandRequest | undefined {
  // Every Telegram client offers /start to a new user.
  if (name === 'start') return { kind: 'command', ...context, name: 'help' };
  const known = reading.commands.find((command) => command.name === name);
  if (known?.options.some(({ kind }) => kind === 'photo')) {
    const filter = readFilter(argument, known);
    const garment = readGarment(argument, known);
    return {
      ...photosOf(message, context, 'command', reading),
      ...(filter && { filter }),
      ...(garment && { garment }),
    };
  }
  // In a group, an unknown command that is not addressed to this bot is probably for another one.
  if (!known && !context.isPrivate && !addressed) return undefined;
  return { kind: 'command', ...context, name, ...(argument !== '' && { argument }) };
}

function photosOf(
  message: Message,
  context: RequestContext,
  trigger: PhotoRequest['trigger'],
  { photoSide: side }: ReadingContext,
): PhotoRequest {
  const choice = { side, anyFile: trigger !== 'posted' };
  const photo =
    findPhoto(message, choice) ?? (trigger === 'posted' ? undefined : findRepliedPhoto(message, choice));
  return {
    kind: 'photos',
    ...context,
    trigger,
    photos: photo ? [photo] : [],
    ...(message.media_group_id !== undefined && { album: message.media_group_id }),
  };
}
