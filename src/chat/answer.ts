/** Turns galleries into replies: the texts about them and their buttons. Pure. */

import type { Gallery, GalleryItem } from '../recommend/gallery.ts';
import type { Availability } from '../catalogue/item.ts';
import { formatPrice } from '../catalogue/price.ts';
import { labelsToFilter, LEAST_PROBABILITY } from '../catalogue/predicted-labels.ts';
import { DEFAULT_COUNT, MAX_OFFSET } from '../recommend/recommend.ts';
import { type Draft, type Search } from './buttons.ts';
import { truncate } from '../util/truncate.ts';
import { labelChoices } from './label-choices.ts';
import type { LabelCounts } from './label-counts.ts';
import type { ReplyBlock } from './reply.ts';
import type { Texts } from './translations.ts';

/** What became of one photo of a post. */
export type PhotoOutcome =
  /** `opened`: whether the gallery is new; otherwise the same picture was answered before and its gallery is reused. */
  | { readonly kind: 'found'; readonly gallery: Gallery; readonly opened: boolean }
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

/** How many items of the first page must share a type before the photo is said to look like it. */
const MIN_AGREEING = 3;
const MAX_TITLE_LENGTH = 100;
/** The labels said about a photo, in this order. */
const SHOWN_LABELS = ['type', 'colour', 'gender'] as const;

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
    ...(offset === 0 || items.length === 0 ? [] : [texts.say('answer.ranks', ranks)]),
    ...aboutLines(gallery, offset === 0 && like === undefined, texts),
  ];
  return {
    blocks: [...textBlocks(lines), ...galleryBlocks(gallery, texts)],
    buttons: [
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
  const { gallery } = outcome;
  if (!isHidden(gallery)) return galleryDraft(gallery, { offset: 0 }, context);
  return {
    blocks: textBlocks([texts.say('answer.weak')]),
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
    const { gallery } = outcome;
    const search = searchOf(gallery);
    blocks.push(...textBlocks([texts.say('answer.photo', { photo }), ...aboutLines(gallery, true, texts)]));
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

/** A weak gallery is shown only after a click, so that it does not disturb a conversation. */
function isHidden(gallery: Gallery): boolean {
  return gallery.weak && gallery.items.length > 0;
}

/** @param ofPhoto whether these are the items closest to a photo, so that their labels describe it. */
function aboutLines(gallery: Gallery, ofPhoto: boolean, texts: Texts): string[] {
  if (gallery.items.length === 0) return [texts.say('answer.none')];
  if (gallery.weak) return [texts.say('answer.weak')];
  const looks = ofPhoto ? (shownLabels(gallery, texts) ?? agreedType(gallery.items)) : undefined;
  return looks === undefined ? [] : [texts.say('answer.looks-like', { looks })];
}

/** The labels that the model predicts for the photo, each with its probability. */
function shownLabels({ shows = {} }: Gallery, texts: Texts): string | undefined {
  const parts = SHOWN_LABELS.flatMap((label) => {
    const prediction = shows[label];
    return prediction && prediction.probability >= LEAST_PROBABILITY
      ? [`${prediction.value} ${texts.percent(prediction.probability)}`]
      : [];
  });
  return parts.length === 0 ? undefined : parts.join(' · ');
}

function agreedType(items: readonly GalleryItem[]): string | undefined {
  const types = items.slice(0, DEFAULT_COUNT).map((item) => labelsToFilter(item).type);
  return types.find(
    (type) => type !== undefined && types.filter((other) => other === type).length >= MIN_AGREEING,
  );
}

function galleryBlocks(gallery: Gallery, texts: Texts): ReplyBlock[] {
  if (gallery.items.length === 0) return [];
  return [{ kind: 'gallery', gallery, details: gallery.items.map((item) => detailsOf(item, texts)) }];
}

function detailsOf(item: GalleryItem, texts: Texts): string {
  const { similarity, likeness, price, availability, duplicateCount } = item;
  const key = LIKENESS_KEYS[likeness];
  const words = key === undefined ? likeness : texts.say(key);
  return [
    texts.say('detail.similarity', { likeness: words, score: texts.score(similarity) }),
    ...(price === undefined ? [] : [formatPrice(price, texts.language)]),
    ...(availability === undefined || availability === 'in stock'
      ? []
      : [texts.say(AVAILABILITY_KEYS[availability])]),
    ...(duplicateCount === 0 ? [] : [texts.say('detail.alike', { count: duplicateCount })]),
  ].join(' · ');
}

/** Text keys of the similarity words in model manifests. Other words are shown as the manifest has them. */
const LIKENESS_KEYS: Readonly<Record<string, string>> = {
  'nearly identical': 'likeness.nearly-identical',
  'very similar': 'likeness.very-similar',
  similar: 'likeness.similar',
  'loosely similar': 'likeness.loosely-similar',
  'hardly similar': 'likeness.hardly-similar',
};

/** An item in stock is not marked. */
const AVAILABILITY_KEYS: Readonly<Record<Exclude<Availability, 'in stock'>, string>> = {
  'out of stock': 'availability.out-of-stock',
  preorder: 'availability.preorder',
  backorder: 'availability.backorder',
};

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
