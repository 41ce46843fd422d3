/** The pictures of a message: its attachments, its embeds, and both of a message that it forwards. */

import type { Attachment, Embed, Message, MessageSnapshot } from 'discord.js';
import type { PhotoRef } from './photo-ref.ts';

type Pictured = Pick<Message, 'attachments' | 'embeds'> | MessageSnapshot;

/** In their order. */
export function findPhotos(
  message: Pictured & { readonly messageSnapshots?: Message['messageSnapshots'] },
): PhotoRef[] {
  return [message, ...(message.messageSnapshots?.values() ?? [])].flatMap(({ attachments, embeds }) => [
    ...[...attachments.values()].map(ofAttachment),
    ...embeds.flatMap(ofEmbed),
  ]);
}

export function ofAttachment({ url, proxyURL, size, spoiler, contentType, name }: Attachment): PhotoRef {
  return { urls: [url, proxyURL], size, spoiler, isImage: isImage(contentType, name) };
}

// --- Internal helpers ---

/** Only what Discord copied or was uploaded can be read, so a picture elsewhere is taken from the copy. */
function ofEmbed({ image, thumbnail }: Embed): PhotoRef[] {
  const picture = image ?? thumbnail;
  if (!picture) return [];
  const urls = [picture.proxyURL, picture.url].filter((url) => url !== undefined);
  return [{ urls, spoiler: false, isImage: true }];
}

/** Discord does not always say what a file is. */
function isImage(contentType: string | null, name: string): boolean {
  return contentType === null
    ? /\.(jpe?g|png|webp|gif|avif|hei[cf])$/i.test(name)
    : contentType.startsWith('image/');
}
