/** The garments of labelled photos that crops are made of: what they are, and boxes around them. */

import type { Box } from '../../../src/photo/box.ts';
import { GARMENT_KINDS, type GarmentKind, PIXEL_CLASSES } from '../../../src/garments/garment-kinds.ts';
import { joined, type Part, partsOf, withoutCrumbs } from '../../../src/garments/parts.ts';
import { OVERLAP, overlap } from '../finder/finder-scores.ts';
import { classesOfLabels } from '../finder/label-classes.ts';
import { typesOfLabel } from './crop-types.ts';

export interface TrainingGarment {
  /** The place of its photo. */
  readonly photo: number;
  readonly kind: GarmentKind;
  /** Places of the labels that it is made of. */
  readonly labels: readonly number[];
  /** Article types that are right for it. */
  readonly types: readonly string[];
  readonly box: Box;
  /** Boxes that a finder gives for it, also under another kind or around a part of it. */
  readonly found: readonly Box[];
}

export interface FoundBox {
  readonly kind: GarmentKind;
  readonly box: Box;
}

/** Smaller garments, in parts of the photo, show too little to learn from; sunglasses often cover less than what counts as there. */
const LEAST = 0.001;
/** A label counts towards a garment of several from this share of its pixels on. */
const LEAST_SHARE = 0.2;
/** A found box that meets no true one is of the garment that most of its labelled pixels are of, from this share on. */
const MOSTLY = 0.5;

/**
 * One garment a kind, around all of its labels, and one a label where a kind has several, such as a blouse and a cardigan. Garments
 * that are too small to count, or whose labels name no article type, are left out.
 * @param classes the place of the label of each pixel, row by row; 0: nothing.
 * @param labels names of all labels.
 * @param found what a finder finds in the photo.
 */
export function trainingGarments(
  photo: number,
  { width, classes }: { readonly width: number; readonly classes: Uint8Array },
  labels: readonly string[],
  found: readonly FoundBox[],
): TrainingGarment[] {
  const kindOf = classesOfLabels(labels);
  const parts = partsOf(classes, width);
  const kinds = partsOf(
    classes.map((label) => (kindOf[label]! <= GARMENT_KINDS.length ? kindOf[label]! : 0)),
    width,
  );
  const size = { width, height: classes.length / width };
  const whole = [...kinds].flatMap(([place, ofKind]) => {
    if (areaOf(ofKind) < LEAST * classes.length) return [];
    const own = [...parts]
      .filter(([label]) => kindOf[label] === place)
      .filter(([, ofLabel]) => areaOf(ofLabel) >= LEAST_SHARE * areaOf(ofKind))
      .map(([label]) => label);
    return [{ kind: GARMENT_KINDS[place - 1]!, labels: own, box: boxOf(ofKind, size) }];
  });
  const garments = whole.flatMap((garment) => {
    const single = garment.labels.map((label) => ({
      ...garment,
      labels: [label],
      box: boxOf(parts.get(label)!, size),
    }));
    return [garment, ...(single.length > 1 ? single : [])];
  });
  const meant = found.map((box) => whole[placeMeant(box, whole, { width, classes, kindOf })]);
  return garments.flatMap((garment) => {
    const types = [...new Set(garment.labels.flatMap((label) => typesOfLabel(labels[label]!)))];
    if (types.length === 0) return [];
    const boxes = found.flatMap(({ box }, n) => (meant[n] === garment ? [box] : []));
    return [{ photo, ...garment, types, found: boxes }];
  });
}

// --- Internal helpers ---

/** The place of the garment that a found box means; -1: none. */
function placeMeant(
  { kind, box }: FoundBox,
  garments: readonly { readonly kind: GarmentKind; readonly box: Box }[],
  picture: { readonly width: number; readonly classes: Uint8Array; readonly kindOf: Uint8Array },
): number {
  const met = garments.findIndex((garment) => garment.kind === kind && overlap(garment.box, box) >= OVERLAP);
  if (met >= 0) return met;
  const { width, classes, kindOf } = picture;
  const height = classes.length / width;
  const counts = new Uint32Array(PIXEL_CLASSES.length);
  let sum = 0;
  for (let y = Math.floor(box[1] * height); y < Math.min(height, Math.ceil(box[3] * height)); y++) {
    for (let x = Math.floor(box[0] * width); x < Math.min(width, Math.ceil(box[2] * width)); x++) {
      const place = kindOf[classes[y * width + x]!] ?? 0;
      if (place === 0 || place > GARMENT_KINDS.length) continue;
      counts[place]!++;
      sum++;
    }
  }
  const most = counts.indexOf(Math.max(...counts));
  if (sum === 0 || counts[most]! < MOSTLY * sum) return -1;
  return garments.findIndex((garment) => garment.kind === GARMENT_KINDS[most - 1]);
}

function areaOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { area }) => sum + area, 0);
}

function boxOf(parts: readonly Part[], { width, height }: { width: number; height: number }): Box {
  const { left, top, right, bottom } = joined(withoutCrumbs(parts));
  return [left / width, top / height, right / width, bottom / height];
}
