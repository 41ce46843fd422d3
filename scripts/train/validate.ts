/** Measures the classifiers on pictures that are not part of training. */

import { type Classes, HEAD_NAMES, type HeadName, type LabelledItem } from './labelled-items.ts';
import { bestClasses, type ClassScores, multiply, scoreClasses } from './scores.ts';
import type { Trainer } from './trainer.ts';

/** Items of the validation split, with their small pictures prepared as in the product. */
export interface ValidationSet {
  readonly items: readonly LabelledItem[];
  /** RGB squares, one after another. */
  readonly pixels: Uint8Array;
}

/** Pictures per run of the network. */
const CHUNK = 64;

/** Accuracy and F1 of every classifier. */
export function validate(
  trainer: Pick<Trainer, 'embed' | 'classifiers' | 'dimension'>,
  classes: Classes,
  { items, pixels }: ValidationSet,
  targets: Readonly<Record<HeadName, Int32Array>>,
): Record<HeadName, ClassScores> {
  const length = pixels.length / items.length;
  const vectors = new Float32Array(items.length * trainer.dimension);
  for (let start = 0; start < items.length; start += CHUNK) {
    const part = pixels.subarray(start * length, Math.min(items.length, start + CHUNK) * length);
    vectors.set(trainer.embed(part, part.length / length), start * trainer.dimension);
  }
  const classifiers = trainer.classifiers();
  const scores = HEAD_NAMES.map((head) => {
    const count = classes[head].length;
    if (count === 0) return [head, { accuracy: 0, macroF1: 0, count: 0 }] as const;
    const predicted = bestClasses(multiply(vectors, classifiers[head], trainer.dimension, count), count);
    return [head, scoreClasses(predicted, targets[head], count)] as const;
  });
  return Object.fromEntries(scores) as Record<HeadName, ClassScores>;
}
