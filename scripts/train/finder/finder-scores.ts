/** How well a finder finds: overlap of classes, and boxes that meet the true ones. */

import { GARMENT_KINDS } from '../../../src/garments/garment-kinds.ts';
import { joined, partsOf, withoutCrumbs } from '../../../src/garments/parts.ts';

/** Left, top, right, bottom, in any one unit. */
export type Box = readonly [number, number, number, number];

export interface KindBox {
  /** A place in `GARMENT_KINDS`, plus 1. */
  readonly kind: number;
  readonly box: Box;
}

/** A true garment; `counts` when it covers at least `PRESENT` of the photo. */
export interface TrueBox extends KindBox {
  readonly counts: boolean;
}

/** Of a photo's pixels, from which a garment counts as there. */
export const PRESENT = 0.005;
/** A found box is right from this overlap on. */
export const OVERLAP = 0.5;

/** Kinds alone: whatever else is labelled is nothing. @param classes places in `PIXEL_CLASSES`. */
export function kindsAlone(classes: Uint8Array): Uint8Array {
  return classes.map((place) => (place <= GARMENT_KINDS.length ? place : 0));
}

/** One box a kind, around its parts that are no crumbs, in parts of the picture. @param kinds as `kindsAlone` gives them. */
export function trueBoxes(kinds: Uint8Array, width: number): TrueBox[] {
  const height = kinds.length / width;
  return [...partsOf(kinds, width)].map(([kind, parts]) => {
    const area = parts.reduce((sum, part) => sum + part.area, 0);
    const { left, top, right, bottom } = joined(withoutCrumbs(parts));
    return {
      kind,
      box: [left / width, top / height, right / width, bottom / height],
      counts: area >= PRESENT * kinds.length,
    };
  });
}

/** The area that both cover over the area that either covers, 0 to 1. */
export function overlap(a: Box, b: Box): number {
  const across = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const down = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (across <= 0 || down <= 0) return 0;
  const both = across * down;
  const area = (box: Box): number => (box[2] - box[0]) * (box[3] - box[1]);
  return both / (area(a) + area(b) - both);
}

/** What each found box is: right, wrong, or one that meets a garment too small to count. */
export function judgeBoxes(
  found: readonly KindBox[],
  there: readonly TrueBox[],
): ('right' | 'wrong' | 'small')[] {
  const left = new Set(there);
  return found.map(({ kind, box }) => {
    const met = [...left].find((truth) => truth.kind === kind && overlap(truth.box, box) >= OVERLAP);
    if (!met) return 'wrong';
    left.delete(met);
    return met.counts ? 'right' : 'small';
  });
}

/** Sums of overlaps over many photos. */
export interface ClassOverlaps {
  readonly both: Float64Array;
  readonly either: Float64Array;
}

export function emptyOverlaps(): ClassOverlaps {
  const size = GARMENT_KINDS.length + 1;
  return { both: new Float64Array(size), either: new Float64Array(size) };
}

/** @param found, there kinds of the same pixels. */
export function addOverlaps({ both, either }: ClassOverlaps, found: Uint8Array, there: Uint8Array): void {
  for (let pixel = 0; pixel < there.length; pixel++) {
    const [a, b] = [found[pixel]!, there[pixel]!];
    either[a]!++;
    if (a === b) both[a]!++;
    else either[b]!++;
  }
}

/** The overlap of each class, nothing among them, and their mean over those that are found or there. */
export function meanOverlap({ both, either }: ClassOverlaps): {
  readonly mean: number;
  readonly classes: number[];
} {
  const classes = Array.from(both, (value, n) => value / either[n]!);
  const known = classes.filter((value) => !Number.isNaN(value));
  return { mean: known.reduce((sum, value) => sum + value, 0) / known.length, classes };
}
