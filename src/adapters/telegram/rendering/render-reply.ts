/** Renders a reply for Telegram: at most one album with captions, then text with the keyboard under its last message. Pure. */

import type { Reply, ReplyBlock } from '../../../chat/reply.ts';
import type { GalleryItem } from '../../../recommend/gallery.ts';
import { truncate } from '../../../util/truncate.ts';
import { EMPTY_TEXT, galleriesIn, picturesPerGallery } from '../../kit/reply-layout.ts';
import { MAX_ALBUM, MAX_CAPTION, MAX_TEXT } from '../api/limits.ts';
import { bold, join, link, paginate, plain, type RichText } from './html.ts';
import { type Keyboard, keyboardOf } from './keyboard.ts';

export interface AlbumPicture {
  readonly item: string;
  readonly caption: RichText;
}

export interface RenderedReply {
  /** At most ten, in the order of the text. */
  readonly pictures: readonly AlbumPicture[];
  /** At least one message, each of at most 4,096 UTF-16 units. */
  readonly texts: readonly RichText[];
  readonly keyboard: Keyboard;
  readonly spoiler: boolean;
}

/** Longest title in the text: the inventory allows 500 characters, and 20 items should fit in one message. */
const MAX_TITLE = 120;

export function renderReply(reply: Reply): RenderedReply {
  const paragraphs = reply.blocks.flatMap(paragraphsOf);
  const texts = paginate(paragraphs.length > 0 ? paragraphs : [plain(EMPTY_TEXT)], MAX_TEXT);
  return {
    pictures: picturesOf(reply.blocks),
    texts,
    keyboard: keyboardOf(reply.buttons, reply.choices),
    spoiler: reply.spoiler === true,
  };
}

// --- Internal helpers ---

function paragraphsOf(block: ReplyBlock): RichText[] {
  switch (block.kind) {
    case 'text':
      return block.text.trim() === '' ? [] : paragraphsFrom([plain(block.text)]);
    case 'list':
      return paragraphsFrom(block.items.map((item) => plain(`• ${item}`)));
    case 'facts':
      return paragraphsFrom(
        block.facts.map(({ name, value }) => join([bold(truncate(name, MAX_TITLE)), plain(`: ${value}`)])),
      );
    case 'gallery':
      return paragraphsFrom(
        block.gallery.items.map((item, place) => itemLines(item, block.details?.[place])),
      );
  }
}

/** One paragraph if all lines fit in a message, otherwise one for each line. */
function paragraphsFrom(lines: readonly RichText[]): RichText[] {
  const whole = join(lines, '\n');
  if (whole.text.length <= MAX_TEXT) return lines.length === 0 ? [] : [whole];
  // Only a line of unforeseen length is cut. It loses its markup, which cannot be cut in the middle.
  return lines.map((line) => (line.text.length <= MAX_TEXT ? line : plain(truncate(line.text, MAX_TEXT))));
}

function itemLines({ rank, title, link: url, similarity }: GalleryItem, details?: string): RichText {
  const shown = truncate(title, MAX_TITLE);
  const first = join([bold(`${rank}.`), plain(' '), url === undefined ? plain(shown) : link(shown, url)]);
  return join([first, plain(`\n    ${details ?? similarity.toFixed(2)}`)]);
}

/** As many pictures of each gallery as fit in one album, because an album of five counts as five messages. */
function picturesOf(blocks: readonly ReplyBlock[]): AlbumPicture[] {
  const galleries = galleriesIn(blocks);
  const picturesEach = picturesPerGallery(galleries.length, MAX_ALBUM);
  return galleries.flatMap(({ gallery }, place) =>
    gallery.items.slice(0, picturesEach).map((item) => ({
      item: item.id,
      caption: captionOf(item, galleries.length > 1 ? `${place + 1}.` : ''),
    })),
  );
}

function captionOf({ rank, title, similarity }: GalleryItem, photoNumber: string): RichText {
  const end = `, ${similarity.toFixed(2)}`;
  const start = `${photoNumber}${rank}. `;
  return plain(`${start}${truncate(title, MAX_CAPTION - start.length - end.length)}${end}`);
}
