/** Renders a reply as message components: text, galleries with alt texts, two lines for each item, buttons below. Pure. */

import {
  type APIComponentInContainer,
  type APIMediaGalleryComponent,
  type APIMessageTopLevelComponent,
  ComponentType,
} from 'discord.js';
import { truncate } from '../../../util/truncate.ts';
import type { Reply, ReplyBlock } from '../../../chat/reply.ts';
import type { GalleryItem } from '../../../recommend/gallery.ts';
import { EMPTY_TEXT, galleriesIn, type GalleryBlock, picturesPerGallery } from '../../kit/reply-layout.ts';
import { MAX_ALT_TEXT, MAX_FILES, MAX_TEXT } from '../api/limits.ts';
import { rowsOf } from './component-rows.ts';
import { bold, link, plain } from './markdown.ts';

export interface RenderedReply {
  readonly components: APIMessageTopLevelComponent[];
  /** Names of the uploads that the components show, by item. */
  readonly uploads: ReadonlyMap<string, string>;
}

/** @param hasPicture whether an item's picture is available. At most ten pictures are shown, in the order of the reply. */
export function renderReply(reply: Reply, hasPicture: (item: string) => boolean): RenderedReply {
  const uploads = new Map<string, string>();
  const texts = fittingTexts(reply.blocks);
  const galleries = galleriesIn(reply.blocks).length;
  const picturesEach = picturesPerGallery(galleries, MAX_FILES);
  const parts: APIComponentInContainer[] = [];
  reply.blocks.forEach((block, place) => {
    if (block.kind === 'gallery') {
      const shown = block.gallery.items.filter(({ id }) => hasPicture(id)).slice(0, picturesEach);
      if (shown.length > 0) parts.push(mediaOf(block, shown, reply.spoiler === true, uploads));
    } else if (galleries > 1 && parts.length > 0) {
      parts.push({ type: ComponentType.Separator });
    }
    const text = texts[place] ?? '';
    const last = parts.at(-1);
    if (text === '') return;
    if (last?.type === ComponentType.TextDisplay) last.content += `\n${text}`;
    else parts.push({ type: ComponentType.TextDisplay, content: text });
  });
  if (parts.length === 0) parts.push({ type: ComponentType.TextDisplay, content: EMPTY_TEXT });
  const rows = rowsOf(reply.buttons, reply.choices);
  const isCard = galleries > 0 || rows.length > 0;
  return {
    components: isCard ? [{ type: ComponentType.Container, components: [...parts, ...rows] }] : parts,
    uploads,
  };
}

/** Ids of the items of all galleries. */
export function itemsShown(reply: Reply): string[] {
  return galleriesIn(reply.blocks).flatMap(({ gallery }) => gallery.items.map(({ id }) => id));
}

// --- Internal helpers ---

/** Characters that an item's title and link may take, from the most to the least. */
const WIDTHS = [
  { title: 200, url: 500 },
  { title: 100, url: 200 },
  { title: 70, url: 100 },
  { title: 60, url: 0 },
  { title: 30, url: 0 },
] as const;

type Width = (typeof WIDTHS)[number];

/** One text for each block, together within Discord's limit. Where room is short, links and the ends of titles are dropped first. */
function fittingTexts(blocks: readonly ReplyBlock[]): string[] {
  for (const width of WIDTHS) {
    const texts = blocks.map((block) => textOf(block, width));
    // They are joined by line breaks.
    if (texts.reduce((sum, { length }) => sum + length + 1, 0) <= MAX_TEXT) return texts;
  }
  let left = MAX_TEXT;
  return blocks.map((block) => {
    const text = truncate(textOf(block, WIDTHS[WIDTHS.length - 1]!), Math.max(1, left));
    left -= text.length + 1;
    return left < 0 ? '' : text;
  });
}

function textOf(block: ReplyBlock, width: Width): string {
  switch (block.kind) {
    case 'text':
      return plain(block.text.trim());
    case 'list':
      return block.items.map((item) => `- ${plain(item)}`).join('\n');
    case 'facts':
      return block.facts.map(({ name, value }) => `${bold(`${name}:`)} ${plain(value)}`).join('\n');
    case 'gallery':
      return block.gallery.items
        .map((item, place) => itemLines(item, block.details?.[place], width))
        .join('\n');
  }
}

function itemLines(item: GalleryItem, details: string | undefined, width: Width): string {
  const { rank, title, link: url, similarity } = item;
  const shown = truncate(title, width.title);
  const name = url !== undefined && url.length <= width.url ? link(shown, url) : plain(shown);
  return `**${rank}.** ${name}\n-# ${plain(details ?? similarity.toFixed(2))}`;
}

function mediaOf(
  { gallery, details }: GalleryBlock,
  shown: readonly GalleryItem[],
  spoiler: boolean,
  uploads: Map<string, string>,
): APIMediaGalleryComponent {
  return {
    type: ComponentType.MediaGallery,
    items: shown.map((item) => {
      const { id, rank, title, similarity } = item;
      const name = uploads.get(id) ?? `item-${uploads.size + 1}.jpg`;
      uploads.set(id, name);
      const about = details?.[gallery.items.indexOf(item)] ?? similarity.toFixed(2);
      return {
        media: { url: `attachment://${name}` },
        description: truncate(`${rank}. ${title}, ${about}`, MAX_ALT_TEXT),
        ...(spoiler && { spoiler }),
      };
    }),
  };
}
