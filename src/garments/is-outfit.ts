/** Whether a photo shows an outfit, so that its garments are searched by one by one. */

import type { Garment } from './find-garments.ts';

/** A garment counts when it covers at least this part of the area of the largest one. */
const LEAST_PART_OF_LARGEST = 0.25;

/**
 * A photo of one garment may show something of another: the trousers below a shirt, the shoes below a dress. It is searched
 * by as a whole, because cutting out a single garment finds no better items.
 */
export function isOutfit(garments: readonly Pick<Garment, 'share'>[]): boolean {
  const largest = Math.max(0, ...garments.map(({ share }) => share));
  return garments.filter(({ share }) => share >= LEAST_PART_OF_LARGEST * largest).length >= 2;
}
