/** What a message asks of the bot, if anything. Every rule about which messages are answered starts here. */

import { type Message, MessageReferenceType, MessageType } from 'discord.js';
import type { PhotoPost } from '../../../chat/conversation.ts';
import type { PhotoRef } from '../api/photo-ref.ts';
import { findPhotos } from './find-photos.ts';

export interface MessageRequest {
  readonly trigger: PhotoPost['trigger'];
  readonly photos: readonly PhotoRef[];
  /** The message has no photo of its own and replies to one that is not in the cache, so that one must be fetched. */
  readonly fetchReferenced: boolean;
}

/** Undefined when the message does not concern the bot. */
export function readMessage(message: Message): MessageRequest | undefined {
  const { author, webhookId, type } = message;
  // Discord announces joins, pins and the like as messages of the person.
  if (type !== MessageType.Default && type !== MessageType.Reply) return undefined;
  if (author.bot || webhookId !== null) return undefined;
  const own = findPhotos(message);
  if (!message.inGuild()) return requestOf(message, own, 'command');
  if (mentionsBot(message)) return requestOf(message, own, 'mention');
  const images = own.filter(({ isImage }) => isImage);
  if (images.length === 0) return undefined;
  // A picture in reply to the bot is meant for it as much as one that mentions it. Text alone ("thanks") is not.
  const trigger = message.mentions.repliedUser?.id === message.client.user.id ? 'mention' : 'posted';
  return { trigger, photos: images, fetchReferenced: false };
}

// --- Internal helpers ---

function requestOf(
  message: Message,
  own: readonly PhotoRef[],
  trigger: PhotoPost['trigger'],
): MessageRequest {
  const { reference, channel } = message;
  if (own.length > 0 || reference?.messageId === undefined || reference.type !== MessageReferenceType.Default)
    return { trigger, photos: own, fetchReferenced: false };
  // The event includes the referenced message, and the client caches it for a moment.
  const referenced = channel.messages.cache.get(reference.messageId);
  const photos = referenced ? findPhotos(referenced) : [];
  return { trigger, photos, fetchReferenced: photos.length === 0 };
}

/** Mentions the bot, or the role that Discord gave it, which people easily choose instead. The ping of a reply does not count. */
function mentionsBot(message: Message<true>): boolean {
  const { content, client, guild } = message;
  const botRole = guild.members.me?.roles.botRole?.id;
  return (
    new RegExp(`<@!?${client.user.id}>`).test(content) ||
    (botRole !== undefined && content.includes(`<@&${botRole}>`))
  );
}
