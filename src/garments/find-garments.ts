/** From the probabilities of kinds in a photo to its garments: a box and a probability each. */

import type { Box } from '../photo/box.ts';
import { GARMENT_KINDS, type GarmentKind, PRESENCES } from './garment-kinds.ts';
import { joined, type Part, partsOf, withoutCrumbs } from './parts.ts';
import { enlargeMap, mostProbable, type ScoreMaps } from './score-maps.ts';

export interface Garment {
  readonly kind: GarmentKind;
  readonly box: Box;
  /** That there is such a garment in such a box, 0 to 1. */
  readonly probability: number;
  /** Of the photo that it covers, 0 to 1. */
  readonly share: number;
}

/** What is measured of a garment before it is calibrated. */
export interface GarmentEvidence {
  /** The mean probability of its kind where it is found, as log odds. */
  readonly certainty: number;
  /** That its kind is in the photo at all, as log odds. */
  readonly presence: number;
  /** The natural logarithm of the share of the photo that it covers. */
  readonly size: number;
}

/** Weights of a logistic regression on the evidence: Platt, Probabilistic outputs for support vector machines, 1999. */
export interface GarmentCalibration {
  readonly bias: number;
  readonly certainty: number;
  readonly presence: number;
  readonly size: number;
}

export interface FoundGarment extends Omit<Garment, 'probability'> {
  readonly evidence: GarmentEvidence;
}

/** Cells are halved, as a garment ends within one. */
const FINER = 2;
/** Parts of one kind are one garment when what lies between them is at most so many times as long as the longer of them. */
const GAPS = { pair: { across: 4, down: 2 }, other: { across: 0.75, down: 2 } };

/**
 * The most prominent first; only those that are probable enough.
 * @param candidates as `garmentCandidates` gives them.
 * @param least probability.
 */
export function findGarments(
  candidates: readonly FoundGarment[],
  calibration: GarmentCalibration,
  least: number,
): Garment[] {
  return candidates
    .map(({ evidence, ...garment }) => ({
      ...garment,
      probability: garmentProbability(evidence, calibration),
    }))
    .filter(({ probability }) => probability >= least)
    .sort((a, b) => prominence(b) - prominence(a));
}

/** Everything that may be a garment, with what speaks for it. */
export function garmentCandidates({ side, kinds, presence }: ScoreMaps): FoundGarment[] {
  const size = side * FINER;
  const maps = kinds.map((map) => enlargeMap(map, side, size, size));
  return [...partsOf(mostProbable(maps), size)].flatMap(([place, parts]) => {
    const kind = GARMENT_KINDS[place - 1]!;
    const gaps = kind === 'shoes' ? GAPS.pair : GAPS.other;
    return groupsOf(withoutCrumbs(parts), gaps).map((group): FoundGarment => {
      const { left, top, right, bottom, area, pixels } = joined(group);
      const sum = pixels.reduce((total, pixel) => total + maps[place - 1]![pixel]!, 0);
      const share = area / (size * size);
      return {
        kind,
        box: [left / size, top / size, right / size, bottom / size],
        share,
        evidence: {
          certainty: logOdds(sum / area),
          presence: logOdds(presence[PRESENCES.indexOf(kind)]!),
          size: Math.log(share),
        },
      };
    });
  });
}

/** 0 to 1. */
export function garmentProbability(evidence: GarmentEvidence, calibration: GarmentCalibration): number {
  const { bias, certainty, presence, size } = calibration;
  const score = bias + certainty * evidence.certainty + presence * evidence.presence + size * evidence.size;
  return 1 / (1 + Math.exp(-score));
}

// --- Internal helpers ---

/** Large garments in the middle of the photo come first. */
function prominence({ box: [left, , right], share, probability }: Garment): number {
  const fromMiddle = Math.abs((left + right) / 2 - 0.5); // 0 to 0.5
  return probability * share * (1 - fromMiddle);
}

/** Parts that are near each other, directly or by way of others. */
function groupsOf(
  parts: readonly Part[],
  gaps: { readonly across: number; readonly down: number },
): Part[][] {
  const groups: Part[][] = [];
  for (const part of parts) {
    const near = groups.filter((group) => group.some((other) => isNear(part, other, gaps)));
    for (const group of near) groups.splice(groups.indexOf(group), 1);
    groups.push([...near.flat(), part]);
  }
  return groups;
}

function isNear(a: Part, b: Part, gaps: { readonly across: number; readonly down: number }): boolean {
  const across = Math.max(a.left, b.left) - Math.min(a.right, b.right);
  const down = Math.max(a.top, b.top) - Math.min(a.bottom, b.bottom);
  const [width, height] = [
    Math.max(a.right - a.left, b.right - b.left),
    Math.max(a.bottom - a.top, b.bottom - b.top),
  ];
  return across <= gaps.across * width && down <= gaps.down * height;
}

/** Bounded, so that certainty is a number. */
function logOdds(probability: number): number {
  const bounded = Math.min(1 - 1e-6, Math.max(1e-6, probability));
  return Math.log(bounded / (1 - bounded));
}
