/** Whether a match is close: by what the photo shows and what the item is, and only then by their cosine. */

import type { Manifest } from '../embed/model.ts';
import type { Predictions } from '../embed/classifier.ts';
import { LEAST_PROBABILITY } from '../catalogue/predicted-labels.ts';
import type { GarmentKind } from '../garments/garment-kinds.ts';
import { kindsOfType } from '../garments/kind-of-type.ts';

/** What is known of the photo. */
export interface Sought {
  /** The kinds of garments that were found in it. */
  readonly kinds: readonly GarmentKind[];
  /** What the classifier says of it. */
  readonly shows?: Predictions | undefined;
}

/**
 * Whether an item is of a kind that the photo shows. Undefined when one of the two is not known: types whose words are not
 * known here, items without a type, photos in which nothing was found and which the classifier does not know either.
 */
export function kindsAgree({ kinds, shows }: Sought, type: string | undefined): boolean | undefined {
  const own = type === undefined ? undefined : kindsOfType(type);
  if (own === undefined) return undefined;
  if (kinds.length > 0) return own !== 'other' && own.some((kind) => kinds.includes(kind));
  const predicted = shows?.type;
  if (!predicted || predicted.probability < LEAST_PROBABILITY) return undefined;
  if (predicted.value === type) return true;
  const expected = kindsOfType(predicted.value);
  if (expected === undefined) return undefined;
  return own !== 'other' && expected !== 'other' && own.some((kind) => expected.includes(kind));
}

/** @param similarity cosine of the best match. @param agree what `kindsAgree` says of it. */
export function isWeak(
  similarity: number,
  agree: boolean | undefined,
  { weakBelow, weakBelowOfSameKind = weakBelow, words }: Manifest['similarity'],
): boolean {
  if (agree === true) return similarity < weakBelowOfSameKind;
  return similarity < (agree === false ? (words[0]?.from ?? 1) : weakBelow);
}

/** Predictions without a type that contradicts the kinds that were found. */
export function crediblePredictions(shows: Predictions, kinds: readonly GarmentKind[]): Predictions {
  const { type, ...others } = shows;
  if (!type || kinds.length === 0) return shows;
  const own = kindsOfType(type.value);
  const isCredible = own === undefined || (own !== 'other' && own.some((kind) => kinds.includes(kind)));
  return isCredible ? shows : others;
}
