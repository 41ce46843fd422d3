/** The pictures of a message: its attachments, its embeds, and both of a message that it forwards. */

import type { Attachment, Embed, Message, MessageSnapshot } from 'discord.js';
import { isImageName } from '../../kit/incoming-photos.ts';
import type { PhotoRef } from '../api/photo-ref.ts';

type MessageWithPictures = Pick<Message, 'attachments' | 'embeds'> | MessageSnapshot;

/** In their order in the message. */
export function findPhotos(
  message: MessageWithPictures & { readonly messageSnapshots?: Message['messageSnapshots'] },
): PhotoRef[] {
  return [message, ...(message.messageSnapshots?.values() ?? [])].flatMap(({ attachments, embeds }) => [
    ...[...attachments.values()].map(photoOfAttachment),
    ...embeds.flatMap(photoOfEmbed),
  ]);
}

export function photoOfAttachment({ url, proxyURL, size, spoiler, contentType, name }: Attachment): PhotoRef {
  // Discord does not always say what a file is.
  const isImage = contentType === null ? isImageName(name) : contentType.startsWith('image/');
  return { urls: [url, proxyURL], size, spoiler, isImage };
}

// --- Internal helpers ---

/** A picture on another site is read from Discord's copy, because this door downloads from Discord only. */
function photoOfEmbed({ image, thumbnail }: Embed): PhotoRef[] {
  const picture = image ?? thumbnail;
  if (!picture) return [];
  const urls = [picture.proxyURL, picture.url].filter((url) => url !== undefined);
  return [{ urls, spoiler: false, isImage: true }];
}
