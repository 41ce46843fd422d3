/** Tells labels from an embedding. */

import type { LabelHeadName } from './model.ts';
import type { LabelHead } from './label-heads.ts';

export interface Prediction {
  /** The most probable class. */
  readonly value: string;
  /** Calibrated, 0 to 1: of predictions that say 0.8, about four in five are right for pictures like those of the calibration. */
  readonly probability: number;
}

/** The most probable class of each label that the model knows; `{}` for a model that was not trained to classify. */
export type Predictions = Readonly<Partial<Record<LabelHeadName, Prediction>>>;

export interface Classifier {
  /** Labels that it can tell. */
  readonly labels: readonly LabelHeadName[];
  /** @param embedding a unit vector of the model. @throws {RangeError} when its length is another. */
  readonly classify: (embedding: Float32Array) => Predictions;
}

export function createClassifier(heads: readonly LabelHead[]): Classifier {
  return {
    labels: heads.map(({ label }) => label),
    classify: (embedding) => Object.fromEntries(heads.map((head) => [head.label, predict(head, embedding)])),
  };
}

// --- Internal helpers ---

function predict({ classes, weights, temperature }: LabelHead, embedding: Float32Array): Prediction {
  const count = classes.length;
  if (embedding.length * count !== weights.length) {
    throw new RangeError(
      `Expected an embedding of ${weights.length / count} numbers, got ${embedding.length}.`,
    );
  }
  const scores = new Float32Array(count);
  embedding.forEach((value, row) => {
    for (let n = 0; n < count; n++) scores[n]! += value * weights[row * count + n]!;
  });
  let best = 0;
  for (let n = 1; n < count; n++) if (scores[n]! > scores[best]!) best = n;
  // Softmax: the best one's exponential is 1.
  const sum = scores.reduce((total, score) => total + Math.exp((score - scores[best]!) / temperature), 0);
  return { value: classes[best]!, probability: 1 / sum };
}
