/** Predicts labels from an embedding. */

import type { LabelHeadName } from './model.ts';
import type { LabelHead } from './label-heads.ts';

export interface Prediction {
  /** The most probable class. */
  readonly value: string;
  /** Calibrated, 0 to 1: for pictures like those of the calibration, about four in five predictions of 0.8 are right. */
  readonly probability: number;
}

/** The most probable class of each label; `{}` for a model without classifiers. */
export type Predictions = Readonly<Partial<Record<LabelHeadName, Prediction>>>;

export interface Classifier {
  /** The labels that it predicts. */
  readonly labels: readonly LabelHeadName[];
  /** @param embedding a unit vector of the model. @throws {RangeError} when its length is wrong. */
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
  // Softmax relative to the best score, whose exponential is 1.
  const sum = scores.reduce((total, score) => total + Math.exp((score - scores[best]!) / temperature), 0);
  return { value: classes[best]!, probability: 1 / sum };
}
