/** Photos of a message as the conversation takes them: each is downloaded only when the conversation reads it. */

import pLimit, { type LimitFunction } from 'p-limit';
import type { IncomingPhoto } from '../../chat/conversation.ts';

/** Posts that a door works on at once. Each has at most four photos, so the conversation's queue has room for two such doors. */
const POSTS_AT_ONCE = 12;

export function createPostLimit(): LimitFunction {
  return pLimit(POSTS_AT_ONCE);
}

export function incomingPhotos<P extends { readonly spoiler: boolean }>(
  photos: readonly P[],
  download: (photo: P, signal: AbortSignal) => Promise<Uint8Array>,
): IncomingPhoto[] {
  return photos.map((photo) => ({
    spoiler: photo.spoiler,
    read: (signal) => download(photo, signal),
  }));
}

/** Whether a file name ends as that of an image, for files whose type the platform does not know. */
export function isImageName(name: string): boolean {
  return /\.(jpe?g|png|webp|gif|avif|hei[cf])$/i.test(name);
}
