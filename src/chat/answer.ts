/** Turns galleries into replies: the texts about them and their buttons. Pure. */

import type { Gallery } from '../recommend/gallery.ts';
import type { GarmentKind } from '../garments/garment-kinds.ts';
import { DEFAULT_COUNT, MAX_OFFSET } from '../recommend/recommend.ts';
import { type Draft, type Search } from './buttons.ts';
import { truncate } from '../util/truncate.ts';
import { aboutLines, isOutfit } from './about-gallery.ts';
import { garmentName } from './garment-names.ts';
import { detailsOf } from './item-details.ts';
import { labelChoices } from './label-choices.ts';
import type { LabelCounts } from './label-counts.ts';
import type { ReplyBlock } from './reply.ts';
import type { Texts } from './translations.ts';

/** What became of one photo of a post. */
export type PhotoOutcome =
  | {
      readonly kind: 'found';
      readonly gallery: Gallery;
      /** Handles of what was opened for this photo; empty when the same picture was answered before. */
      readonly opened: readonly string[];
      /** The garment that was wanted and is not in the photo; the gallery is then of the whole photo. */
      readonly absent?: GarmentKind;
    }
  | { readonly kind: 'failed'; readonly reason: string };

export interface GalleryPage {
  readonly offset: number;
  /** Title of the item that was searched by; absent for a photo. */
  readonly like?: string | undefined;
}

export interface AnswerContext {
  readonly texts: Texts;
  readonly counts: LabelCounts;
}

/** How many photos of one post are answered. */
export const MAX_PHOTOS = 4;

const MAX_TITLE_LENGTH = 100;
/** The reply to a post. @param leftOut how many photos were beyond the first four. */
export function answerDraft(
  outcomes: readonly PhotoOutcome[],
  leftOut: number,
  context: AnswerContext,
): Draft {
  const [only] = outcomes;
  const draft =
    outcomes.length === 1 && only ? answerToOne(only, context) : answerToSeveral(outcomes, context);
  return leftOut === 0 ? draft : { ...draft, blocks: [...draft.blocks, leftOutBlock(leftOut, context)] };
}

/** One page of a search, with all its buttons and choices. */
export function galleryDraft(
  gallery: Gallery,
  { offset, like }: GalleryPage,
  { texts, counts }: AnswerContext,
): Draft {
  const { id, filter, items } = gallery;
  const search: Search = { gallery: id, filter, ...(like !== undefined && { like }) };
  const ranks = { from: offset + 1, to: offset + items.length };
  const lines = [
    ...(like === undefined ? [] : [texts.say('answer.like', { title: like })]),
    ...(gallery.kind === undefined ? [] : [garmentName(gallery.kind, texts)]),
    ...(offset === 0 || items.length === 0 ? [] : [texts.say('answer.ranks', ranks)]),
    ...aboutLines(gallery, offset === 0 && like === undefined, texts),
  ];
  return {
    blocks: [...textBlocks(lines), ...galleryBlocks(gallery, texts)],
    buttons: [
      ...(offset === 0 ? garmentButtons(gallery, texts) : []),
      ...moreButtons(gallery, search, offset, texts.say('button.more')),
      ...items.map(({ rank, id: item, title }) => ({
        label: texts.say('button.like', { rank }),
        action: { kind: 'like', item, title: truncate(title, MAX_TITLE_LENGTH) } as const,
      })),
      deleteButton(texts),
    ],
    choices: labelChoices(search, items, counts, texts),
  };
}

// --- Internal helpers ---

type DraftButtons = NonNullable<Draft['buttons']>;

function answerToOne(outcome: PhotoOutcome, context: AnswerContext): Draft {
  const { texts } = context;
  if (outcome.kind === 'failed') return { blocks: textBlocks([outcome.reason]) };
  const { gallery, absent } = outcome;
  const remarks = absent === undefined ? [] : [absentLine(absent, texts)];
  if (!isHidden(gallery)) {
    const draft = galleryDraft(gallery, { offset: 0 }, context);
    return { ...draft, blocks: [...textBlocks(remarks), ...draft.blocks] };
  }
  return {
    blocks: textBlocks([...remarks, ...aboutLines(gallery, true, texts)]),
    buttons: [openButton(searchOf(gallery), 0, true, texts.say('button.show')), deleteButton(texts)],
  };
}

/**
 * Each photo has its line, its gallery and two buttons: "more", and "refine", which sends its gallery alone with all buttons.
 * Four photos make nine buttons, which leaves room below Discord's 40 components.
 */
function answerToSeveral(outcomes: readonly PhotoOutcome[], { texts }: AnswerContext): Draft {
  const blocks: ReplyBlock[] = [];
  const buttons: DraftButtons[number][] = [];
  outcomes.forEach((outcome, place) => {
    const photo = place + 1;
    if (outcome.kind === 'failed') {
      blocks.push(...textBlocks([texts.say('answer.failed', { photo, reason: outcome.reason })]));
      return;
    }
    const { gallery, absent } = outcome;
    const search = searchOf(gallery);
    const lines = [
      texts.say('answer.photo', { photo }),
      ...(absent === undefined ? [] : [absentLine(absent, texts)]),
      ...aboutLines(gallery, true, texts),
    ];
    blocks.push(...textBlocks(lines));
    if (isHidden(gallery)) {
      buttons.push(openButton(search, 0, false, texts.say('button.photo-show', { photo })));
      return;
    }
    blocks.push(...galleryBlocks(gallery, texts));
    buttons.push(
      ...moreButtons(gallery, search, 0, texts.say('button.photo-more', { photo })),
      openButton(search, 0, false, texts.say('button.photo-refine', { photo })),
    );
  });
  return { blocks, buttons: buttons.length === 0 ? [] : [...buttons, deleteButton(texts)] };
}

/** A weak gallery is shown only after a click, so that it does not disturb a conversation; so is one of a photo without a garment. */
function isHidden({ garmentSeen, weak, more, items }: Gallery): boolean {
  return garmentSeen ? weak && items.length > 0 : more && items.length === 0;
}

function absentLine(kind: GarmentKind, texts: Texts): string {
  return texts.say('answer.garment-absent', { garment: garmentName(kind, texts) });
}

/** One for each garment of a photo that shows several, with a number from the second of a kind on. */
function garmentButtons({ id, garments, filter }: Gallery, texts: Texts): DraftButtons {
  if (garments.length < 2) return [];
  return garments.map(({ kind, gallery }, place) => {
    const before = garments.slice(0, place).filter((other) => other.kind === kind).length;
    const name = garmentName(kind, texts) + (before === 0 ? '' : ` ${before + 1}`);
    return openButton({ gallery, filter: gallery === id ? filter : {} }, 0, false, name);
  });
}

function galleryBlocks(gallery: Gallery, texts: Texts): ReplyBlock[] {
  if (gallery.items.length === 0) return [];
  const namesGarment = isOutfit(gallery);
  const details = gallery.items.map((item) => detailsOf(item, namesGarment, texts));
  return [{ kind: 'gallery', gallery, details }];
}

function searchOf({ id, filter }: Gallery): Search {
  return { gallery: id, filter };
}

function moreButtons(gallery: Gallery, search: Search, offset: number, label: string): DraftButtons {
  const next = offset + DEFAULT_COUNT;
  return gallery.more && next <= MAX_OFFSET ? [openButton(search, next, false, label)] : [];
}

function openButton(search: Search, offset: number, replace: boolean, label: string): DraftButtons[number] {
  return { label, action: { kind: 'open', search, offset, replace } };
}

function deleteButton(texts: Texts): DraftButtons[number] {
  return { label: texts.say('button.delete'), danger: true, action: { kind: 'delete' } };
}

function leftOutBlock(leftOut: number, { texts }: AnswerContext): ReplyBlock {
  const photos = texts.list(Array.from({ length: leftOut }, (_, n) => texts.number(MAX_PHOTOS + n + 1)));
  return { kind: 'text', text: texts.say('answer.left-out', { count: leftOut, photos, most: MAX_PHOTOS }) };
}

/** Joins lines into one block, so that a reply to four photos stays within the limits of the platforms. */
function textBlocks(lines: readonly string[]): ReplyBlock[] {
  return lines.length === 0 ? [] : [{ kind: 'text', text: lines.join('\n') }];
}
