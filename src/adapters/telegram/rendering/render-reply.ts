/** A reply in Telegram's form: at most one album with captions, then text with the keyboard under its last message. Pure. */

import type { GalleryItem } from '../../../recommend/gallery.ts';
import type { Reply, ReplyBlock } from '../../../chat/reply.ts';
import { truncate } from '../../../util/truncate.ts';
import { bold, join, link, paginate, plain, type Rich } from './html.ts';
import { type Keyboard, keyboardOf } from './keyboard.ts';
import { MAX_ALBUM, MAX_CAPTION, MAX_TEXT } from '../api/limits.ts';

export interface AlbumPicture {
  readonly item: string;
  readonly caption: Rich;
}

export interface RenderedReply {
  /** At most ten, in the order of the text. */
  readonly pictures: readonly AlbumPicture[];
  /** At least one message of at most 4,096 UTF-16 units. */
  readonly texts: readonly Rich[];
  readonly keyboard: Keyboard;
  readonly spoiler: boolean;
}

/** Longest title in the text: the inventory allows 500 characters, and 20 items should fit in one message. */
const MAX_TITLE = 120;
/** Shown when a reply has no words at all, since Telegram takes no empty message. */
const NO_WORDS = '·';

export function renderReply(reply: Reply): RenderedReply {
  const paragraphs = reply.blocks.flatMap(paragraphsOf);
  const texts = paginate(paragraphs.length > 0 ? paragraphs : [plain(NO_WORDS)], MAX_TEXT);
  return {
    pictures: picturesOf(reply.blocks),
    texts,
    keyboard: keyboardOf(reply.buttons, reply.choices),
    spoiler: reply.spoiler === true,
  };
}

// --- Internal helpers ---

function paragraphsOf(block: ReplyBlock): Rich[] {
  switch (block.kind) {
    case 'text':
      return block.text.trim() === '' ? [] : lines([plain(block.text)]);
    case 'list':
      return lines(block.items.map((item) => plain(`• ${item}`)));
    case 'facts':
      return lines(
        block.facts.map(({ name, value }) => join([bold(truncate(name, MAX_TITLE)), plain(`: ${value}`)])),
      );
    case 'gallery':
      return lines(block.gallery.items.map((item, place) => itemLines(item, block.details?.[place])));
  }
}

/** One paragraph a block where it fits in a message, more otherwise. */
function lines(rows: readonly Rich[]): Rich[] {
  const whole = join(rows, '\n');
  if (whole.length <= MAX_TEXT) return rows.length === 0 ? [] : [whole];
  return rows.map((row) => (row.length <= MAX_TEXT ? row : shortened(row)));
}

/** Only texts of unforeseen length come here; their markup goes, because it cannot be cut in the middle. */
function shortened({ html }: Rich): Rich {
  const text = html
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
  return plain(truncate(text, MAX_TEXT));
}

function itemLines({ rank, title, link: url, similarity }: GalleryItem, details?: string): Rich {
  const shown = truncate(title, MAX_TITLE);
  const first = join([bold(`${rank}.`), plain(' '), url === undefined ? plain(shown) : link(shown, url)]);
  return join([first, plain(`\n    ${details ?? similarity.toFixed(2)}`)]);
}

/** As many pictures of each gallery as fit in one album, because an album of five counts as five messages. */
function picturesOf(blocks: readonly ReplyBlock[]): AlbumPicture[] {
  const galleries = blocks.flatMap((block) => (block.kind === 'gallery' ? [block.gallery] : []));
  const each = Math.floor(MAX_ALBUM / Math.max(1, galleries.length));
  return galleries.flatMap(({ items }, place) =>
    items.slice(0, each).map((item) => ({
      item: item.id,
      caption: captionOf(item, galleries.length > 1 ? `${place + 1}.` : ''),
    })),
  );
}

function captionOf({ rank, title, similarity }: GalleryItem, photo: string): Rich {
  const end = `, ${similarity.toFixed(2)}`;
  const start = `${photo}${rank}. `;
  return plain(`${start}${truncate(title, MAX_CAPTION - start.length - end.length)}${end}`);
}
