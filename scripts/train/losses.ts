/** The loss functions of training. */

import type * as tfjs from '@tensorflow/tfjs-core';
import type { Tf } from '../../src/embed/tensorflow-context.ts';

/**
 * Scores of a cosine classifier: the scaled cosine to each class's direction, `[n, classes]`.
 * @param embedding `[n, dimension]`, unit vectors.
 * @param directions `[dimension, classes]`, of any length.
 */
export function cosineScores(
  tf: Tf,
  embedding: tfjs.Tensor2D,
  directions: tfjs.Tensor2D,
  scale: tfjs.Scalar,
): tfjs.Tensor2D {
  const lengths = tf.sqrt(tf.maximum(tf.sum(tf.square(directions), 0, true), 1e-12));
  return tf.mul(tf.matMul(embedding, tf.div(directions, lengths)), scale);
}

/**
 * Mean cross-entropy with label smoothing, over the rows that have a target.
 * @param targets int32 `[n]`; -1: no target.
 */
export function labelLoss(
  tf: Tf,
  scores: tfjs.Tensor2D,
  targets: tfjs.Tensor1D,
  smoothing: number,
): tfjs.Scalar {
  const classes = scores.shape[1];
  const known = tf.cast(tf.greaterEqual(targets, 0), 'float32');
  const hot = tf.cast(tf.oneHot(targets, classes), 'float32');
  const wanted = tf.add<tfjs.Tensor2D>(tf.mul(hot, 1 - smoothing), smoothing / classes);
  return meanCrossEntropy(tf, scores, wanted, known as tfjs.Tensor1D);
}

/**
 * Mean cross-entropy over the rows with at least one right class; all right classes of a row have an equal share: Mahajan
 * et al., Exploring the limits of weakly supervised pretraining, 2018.
 * @param several `[n, classes]` of 0 and 1.
 */
export function wordLoss(tf: Tf, scores: tfjs.Tensor2D, several: tfjs.Tensor2D): tfjs.Scalar {
  const counts = tf.sum(several, 1, true);
  const wanted = tf.div<tfjs.Tensor2D>(several, tf.maximum(counts, 1));
  return meanCrossEntropy(tf, scores, wanted, tf.minimum(tf.squeeze<tfjs.Tensor1D>(counts, [1]), 1));
}

/**
 * Symmetric InfoNCE: each view should be closest to the other view of the same item among all items of the batch.
 * @param a, b unit vectors `[n, dimension]`; a row of both belongs to the same item.
 */
export function contrastiveLoss(
  tf: Tf,
  a: tfjs.Tensor2D,
  b: tfjs.Tensor2D,
  temperature: number,
): tfjs.Scalar {
  const similarities: tfjs.Tensor2D = tf.div(tf.matMul(a, b, false, true), temperature);
  const own = tf.range(0, a.shape[0], 1, 'int32');
  const forward = labelLoss(tf, similarities, own, 0);
  const backward = labelLoss(tf, tf.transpose<tfjs.Tensor2D>(similarities), own, 0);
  return tf.div(tf.add(forward, backward), 2);
}

// --- Internal helpers ---

/** @param known `[n]`; 1: the row counts, 0: it does not. */
function meanCrossEntropy(
  tf: Tf,
  scores: tfjs.Tensor2D,
  wanted: tfjs.Tensor2D,
  known: tfjs.Tensor1D,
): tfjs.Scalar {
  const losses = tf.neg(tf.sum(tf.mul(wanted, tf.logSoftmax(scores)), 1));
  return tf.div(tf.sum(tf.mul(losses, known)), tf.maximum(tf.sum(known), 1));
}
