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
 * Whether an item is of a kind that the photo shows, as the finder and the classifier say. Undefined when neither knows, or
 * when they contradict each other: types whose words are not known here, items without a type, photos in which nothing was
 * found and which the classifier is not sure of either.
 */
export function kindsAgree({ kinds, shows }: Sought, type: string | undefined): boolean | undefined {
  if (type === undefined) return undefined;
  const found = agreesWithFinder(kinds, type);
  const predicted = agreesWithClassifier(shows, type);
  if (found === false) return predicted === true ? undefined : false;
  return found ?? predicted;
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
  return type && agreesWithFinder(kinds, type.value) === false ? others : shows;
}

// --- Internal helpers ---

function agreesWithFinder(kinds: readonly GarmentKind[], type: string): boolean | undefined {
  const own = kindsOfType(type);
  if (own === undefined || kinds.length === 0) return undefined;
  return own !== 'other' && own.some((kind) => kinds.includes(kind));
}

function agreesWithClassifier(shows: Predictions | undefined, type: string): boolean | undefined {
  const predicted = shows?.type;
  if (!predicted || predicted.probability < LEAST_PROBABILITY) return undefined;
  if (predicted.value === type) return true;
  const [expected, own] = [kindsOfType(predicted.value), kindsOfType(type)];
  if (expected === undefined || own === undefined) return undefined;
  return own !== 'other' && expected !== 'other' && own.some((kind) => expected.includes(kind));
}
