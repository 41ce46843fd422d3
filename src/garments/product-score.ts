/** Whether a photo shows any product at all: calibrated from what the finder says of the whole and of its parts. */

import { garmentProbability, type FoundGarment, type GarmentCalibration } from './find-garments.ts';
import { PRESENCES } from './garment-kinds.ts';
import type { ScoreMaps } from './score-maps.ts';

export interface ProductEvidence {
  /** That there is a product, as the finder says of the whole photo, as log odds. */
  readonly presence: number;
  /** The natural logarithm of the share of the photo that kinds take. */
  readonly share: number;
  /** The most probable garment, as log odds. */
  readonly best: number;
}

/** Weights of a logistic regression on the evidence. */
export interface ProductCalibration extends ProductEvidence {
  readonly bias: number;
}

/** Bounds, so that a photo of nothing at all has finite evidence. */
const LEAST = { probability: 1e-4, share: 1e-4 };

/** @param candidates of the same maps. */
export function productEvidence(
  { side, kinds, presence }: ScoreMaps,
  candidates: readonly FoundGarment[],
  calibration: GarmentCalibration,
): ProductEvidence {
  const taken = kinds.reduce((sum, map) => sum + map.reduce((total, value) => total + value, 0), 0);
  const probabilities = candidates.map(({ evidence }) => garmentProbability(evidence, calibration));
  return {
    presence: logOdds(presence[PRESENCES.indexOf('product')]!),
    share: Math.log(Math.max(LEAST.share, taken / (side * side))),
    best: logOdds(Math.max(0, ...probabilities)),
  };
}

/** That the photo shows a product, 0 to 1; one minus it is how surely it shows none. */
export function productProbability(evidence: ProductEvidence, calibration: ProductCalibration): number {
  const { bias, presence, share, best } = calibration;
  const score = bias + presence * evidence.presence + share * evidence.share + best * evidence.best;
  return 1 / (1 + Math.exp(-score));
}

// --- Internal helpers ---

function logOdds(probability: number): number {
  const bounded = Math.min(1 - LEAST.probability, Math.max(LEAST.probability, probability));
  return Math.log(bounded / (1 - bounded));
}
