/** What a message asks of the bot, if anything: every rule about who is answered where begins here. */

import { type Message, MessageReferenceType, MessageType } from 'discord.js';
import type { PhotoPost } from '../../../chat/conversation.ts';
import { findPhotos } from './find-photos.ts';
import type { PhotoRef } from './photo-ref.ts';

export interface Reading {
  readonly trigger: PhotoPost['trigger'];
  readonly photos: readonly PhotoRef[];
  /** There is no photo, and the message replied to could not be seen: it can be asked for. */
  readonly askForReplied: boolean;
}

/** Undefined: nothing that concerns the bot. */
export function readMessage(message: Message): Reading | undefined {
  const { author, webhookId, type } = message;
  // Joins, pins and the like are written by Discord in the name of people.
  if (type !== MessageType.Default && type !== MessageType.Reply) return undefined;
  if (author.bot || webhookId !== null) return undefined;
  const own = findPhotos(message);
  if (!message.inGuild()) return asked(message, own, 'command');
  if (names(message)) return asked(message, own, 'mention');
  const images = own.filter(({ isImage }) => isImage);
  if (images.length === 0) return undefined;
  // A picture in reply to the bot is meant for it as much as one that names it; words alone ("thanks") are not.
  const trigger = message.mentions.repliedUser?.id === message.client.user.id ? 'mention' : 'posted';
  return { trigger, photos: images, askForReplied: false };
}

// --- Internal helpers ---

function asked(message: Message, own: readonly PhotoRef[], trigger: PhotoPost['trigger']): Reading {
  const { reference, channel } = message;
  if (own.length > 0 || reference?.messageId === undefined || reference.type !== MessageReferenceType.Default)
    return { trigger, photos: own, askForReplied: false };
  // Discord sends the message replied to along, and the client keeps it for a moment.
  const replied = channel.messages.cache.get(reference.messageId);
  const photos = replied ? findPhotos(replied) : [];
  return { trigger, photos, askForReplied: photos.length === 0 };
}

/** By name or by the role that Discord gave the bot, which is easily picked instead; a reply's ping does not count. */
function names(message: Message<true>): boolean {
  const { content, client, guild } = message;
  const own = guild.members.me?.roles.botRole?.id;
  return (
    new RegExp(`<@!?${client.user.id}>`).test(content) ||
    (own !== undefined && content.includes(`<@&${own}>`))
  );
}
