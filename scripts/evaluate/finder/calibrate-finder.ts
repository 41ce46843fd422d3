/** Makes a finder's probabilities mean what they say, and chooses from which ones on garments are shown and photos answered. Pure. */

import {
  garmentCandidates,
  type GarmentCalibration,
  type GarmentEvidence,
  garmentProbability,
} from '../../../src/garments/find-garments.ts';
import type { FinderManifest } from '../../../src/garments/finder-model.ts';
import {
  type ProductCalibration,
  productEvidence,
  productProbability,
} from '../../../src/garments/product-score.ts';
import { fitLogistic } from './fit-logistic.ts';
import type {
  FinderMeasurements,
  JudgedCandidate,
  MeasuredPhoto,
  MeasuredPicture,
} from './measure-finder.ts';

export type FinderCalibration = Omit<FinderManifest['calibration'], 'derivedFrom'>;

/** Draws weights to zero: few examples must not decide alone. */
const RIDGE = 1;
const STEPS = 200;

export function calibrateFinder({
  photos,
  streets,
  garments,
}: Pick<FinderMeasurements, 'photos' | 'streets' | 'garments'>): FinderCalibration {
  const garment = fitGarments(photos);
  const product = fitProducts(streets, garments, garment);
  return {
    garment,
    garmentFrom: bestThreshold(photos, garment),
    product,
    productFrom: fewestErrors(streets, garments, { product, garment }),
  };
}

/** Found boxes that are right, of those found and of those there. */
export function precisionAndRecall(
  photos: readonly MeasuredPhoto[],
  probability: (candidate: JudgedCandidate) => number,
  from: number,
): { readonly precision: number; readonly recall: number } {
  const shown = photos.flatMap(({ candidates }) =>
    candidates.filter((candidate) => candidate.verdict !== 'small' && probability(candidate) >= from),
  );
  const right = shown.filter(({ verdict }) => verdict === 'right').length;
  const there = photos.flatMap(({ truth }) => truth.filter(({ counts }) => counts)).length;
  return { precision: right / Math.max(1, shown.length), recall: right / Math.max(1, there) };
}

/** The calibrated score of a picture as a whole. */
export function productScore(
  { maps }: Pick<MeasuredPicture, 'maps'>,
  { product, garment }: Pick<FinderCalibration, 'product' | 'garment'>,
): number {
  return productProbability(productEvidence(maps, garmentCandidates(maps), garment), product);
}

// --- Internal helpers ---

function fitGarments(photos: readonly MeasuredPhoto[]): GarmentCalibration {
  const examples = photos.flatMap(({ candidates }) =>
    candidates.filter(({ verdict }) => verdict !== 'small'),
  );
  const row = ({ certainty, presence, size }: GarmentEvidence): number[] => [certainty, presence, size];
  const { bias, weights } = fitLogistic(
    examples.map(({ evidence }) => row(evidence)),
    examples.map(({ verdict }) => verdict === 'right'),
    RIDGE,
  );
  const [certainty = 0, presence = 0, size = 0] = weights;
  return { bias, certainty, presence, size };
}

function fitProducts(
  streets: readonly MeasuredPicture[],
  garments: readonly MeasuredPicture[],
  garment: GarmentCalibration,
): ProductCalibration {
  const examples = [...garments, ...streets].map(({ maps, candidates }) =>
    productEvidence(maps, candidates, garment),
  );
  const { bias, weights } = fitLogistic(
    examples.map(({ presence, share, best }) => [presence, share, best]),
    examples.map((_, n) => n < garments.length),
    RIDGE,
  );
  const [presence = 0, share = 0, best = 0] = weights;
  return { bias, presence, share, best };
}

/** Where the harmonic mean of precision and recall is highest. */
function bestThreshold(photos: readonly MeasuredPhoto[], calibration: GarmentCalibration): number {
  const of = ({ evidence }: JudgedCandidate): number => garmentProbability(evidence, calibration);
  let [best, most] = [0.5, 0];
  for (let step = 1; step < STEPS; step++) {
    const { precision, recall } = precisionAndRecall(photos, of, step / STEPS);
    const score = (2 * precision * recall) / Math.max(1e-9, precision + recall);
    if (score > most) [best, most] = [step / STEPS, score];
  }
  return best;
}

/** Where the share of streets that are answered and that of products that are not are least in sum; of several such places the middle one. */
function fewestErrors(
  streets: readonly MeasuredPicture[],
  garments: readonly MeasuredPicture[],
  calibration: Pick<FinderCalibration, 'product' | 'garment'>,
): number {
  const scores = [
    ...garments.map((picture) => ({ score: productScore(picture, calibration), error: 1 / garments.length })),
    ...streets.map((picture) => ({ score: productScore(picture, calibration), error: -1 / streets.length })),
  ].sort((a, b) => a.score - b.score);
  // From below all of them on: every street is answered, and every product.
  let [errors, least, from, to] = [1, 1, 0, scores[0]?.score ?? 0];
  scores.forEach(({ score, error }, n) => {
    errors += error;
    if (errors >= least - 1e-9) return;
    [least, from, to] = [errors, score, scores[n + 1]?.score ?? 1];
  });
  return (from + to) / 2;
}
