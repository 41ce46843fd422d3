/** What is said about a gallery as a whole. */

import { labelsToFilter, LEAST_PROBABILITY } from '../catalogue/predicted-labels.ts';
import type { Gallery, GalleryItem } from '../recommend/gallery.ts';
import { DEFAULT_COUNT } from '../recommend/recommend.ts';
import { garmentName } from './garment-names.ts';
import type { Texts } from './translations.ts';

/** @param ofPhoto whether these are the items closest to a photo, so that their labels describe it. */
export function aboutLines(gallery: Gallery, ofPhoto: boolean, texts: Texts): string[] {
  if (!gallery.garmentSeen) return [texts.say('answer.no-garment')];
  if (gallery.items.length === 0) return [texts.say('answer.none')];
  if (gallery.weak) return [texts.say('answer.weak')];
  if (ofPhoto && isOutfit(gallery)) return outfitLines(gallery, texts);
  const looks = ofPhoto ? (shownLabels(gallery, texts) ?? agreedType(gallery.items)) : undefined;
  return looks === undefined ? [] : [texts.say('answer.looks-like', { looks })];
}

/** Whether the answer joins the closest items of several garments. */
export function isOutfit({ kind, items }: Gallery): boolean {
  return kind === undefined && items.some(({ garment }) => garment !== undefined);
}

// --- Internal helpers ---

/** How many items of the first page must share a type before the photo is said to look like it. */
const MIN_AGREEING = 3;
/** The labels said about a photo, in this order. */
const SHOWN_LABELS = ['type', 'colour', 'gender'] as const;

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

function outfitLines({ garments, severalPeople }: Gallery, texts: Texts): string[] {
  const names = garments.map(({ kind }) => garmentName(kind, texts));
  return [
    texts.say('answer.garments', { garments: [...new Set(names)].join(' · ') }),
    ...(severalPeople ? [texts.say('answer.several-people')] : []),
  ];
}
