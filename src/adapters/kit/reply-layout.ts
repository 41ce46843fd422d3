/** What every platform's form of a reply has in common. */

import type { ReplyBlock } from '../../chat/reply.ts';

/** Shown when a reply has no text at all, since platforms refuse an empty message. */
export const EMPTY_TEXT = '·';

export type GalleryBlock = Extract<ReplyBlock, { kind: 'gallery' }>;

export function galleriesIn(blocks: readonly ReplyBlock[]): GalleryBlock[] {
  return blocks.filter((block) => block.kind === 'gallery');
}

/** How many pictures of each gallery are shown when a message may have `most` pictures. */
export function picturesPerGallery(galleries: number, most: number): number {
  return Math.floor(most / Math.max(1, galleries));
}
