/** What the training of the finder makes small. */

import type * as tfjs from '@tensorflow/tfjs-core';
import type { Tf } from '../../../src/embed/tensorflow-context.ts';

export interface PixelTargets {
  /** One-hot rows of the classes, `[pixels, classes]`; a row of zeros: not known. */
  readonly hot: tfjs.Tensor2D;
  /** How much each pixel counts, `[pixels]`; 0: not known. */
  readonly weights: tfjs.Tensor1D;
}

/**
 * Cross-entropy with smoothed targets, the weighted mean over the pixels that are known.
 * @param logProbabilities `[pixels, classes]`.
 */
export function pixelLoss(
  tf: Tf,
  logProbabilities: tfjs.Tensor2D,
  { hot, weights }: PixelTargets,
  smoothing: number,
): tfjs.Scalar {
  const classes = hot.shape[1];
  const wanted = tf.add<tfjs.Tensor2D>(tf.mul(hot, 1 - smoothing), smoothing / classes);
  const losses = tf.neg(tf.sum(tf.mul(wanted, logProbabilities), 1));
  return tf.div(tf.sum(tf.mul(losses, weights)), tf.maximum(tf.sum(weights), 1));
}

/**
 * One minus the soft overlap of what is predicted and what is there, the mean over the classes that are there (Milletari et al.,
 * V-Net, 2016); a small garment counts as much as a large one.
 * @param probabilities, hot `[pixels, classes]`.
 * @param known `[pixels, 1]`, 0 or 1.
 */
export function overlapLoss(
  tf: Tf,
  probabilities: tfjs.Tensor2D,
  hot: tfjs.Tensor2D,
  known: tfjs.Tensor2D,
): tfjs.Scalar {
  const there = tf.sum<tfjs.Tensor1D>(hot, 0);
  const both = tf.sum<tfjs.Tensor1D>(tf.mul(probabilities, hot), 0);
  const predicted = tf.sum<tfjs.Tensor1D>(tf.mul(probabilities, known), 0);
  const missing = tf.sub<tfjs.Tensor1D>(1, tf.div(tf.mul(both, 2), tf.add(tf.add(there, predicted), 1)));
  const counts = tf.cast<tfjs.Tensor1D>(tf.greater(there, 0), 'float32');
  return tf.div(tf.sum(tf.mul(missing, counts)), tf.maximum(tf.sum(counts), 1));
}

/**
 * Binary cross-entropy, the mean over what is known.
 * @param scores `[n, presences]`, before the sigmoid.
 * @param wanted 0 or 1.
 * @param known 0 or 1.
 */
export function presenceLoss(
  tf: Tf,
  scores: tfjs.Tensor2D,
  wanted: tfjs.Tensor2D,
  known: tfjs.Tensor2D,
): tfjs.Scalar {
  // log(1 + e^-|x|) + max(x, 0) - x * wanted, which overflows for no x.
  const losses = tf.add(
    tf.sub(tf.relu(scores), tf.mul(scores, wanted)),
    tf.log1p(tf.exp(tf.neg(tf.abs(scores)))),
  );
  return tf.div(tf.sum(tf.mul(losses, known)), tf.maximum(tf.sum(known), 1));
}
