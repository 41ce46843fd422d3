/** Whether a photo shows an outfit, so that its garments are searched by one by one. */

import { areaOf, overlapOf } from '../photo/box.ts';
import type { Garment } from './find-garments.ts';

/** A garment below this probability does not make an outfit. */
const LEAST_PROBABILITY = 0.5;
/** Two boxes that overlap by more show one garment that may be of either kind. */
const MOST_OVERLAP = 0.5;
/** A garment whose box covers more of the photo is what the photo is about. */
const MOST_AREA = 0.4;

/**
 * A photo of one garment may show something of another: the trousers below a shirt, the shoes below a dress. It is searched
 * by as a whole, because cutting out a single garment finds no better items.
 */
export function isOutfit(garments: readonly Pick<Garment, 'box' | 'probability'>[]): boolean {
  const sure = garments
    .filter(({ probability }) => probability >= LEAST_PROBABILITY)
    .sort((a, b) => areaOf(b.box) - areaOf(a.box));
  const [largest, ...others] = sure;
  if (!largest || areaOf(largest.box) > MOST_AREA) return false;
  return others.some(({ box }) => overlapOf(largest.box, box) <= MOST_OVERLAP);
}
