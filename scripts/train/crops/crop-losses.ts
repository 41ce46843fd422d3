/** The loss functions of training with crops of outfits. */

import type * as tfjs from '@tensorflow/tfjs-core';
import type { Tf } from '../../../src/embed/tensorflow-context.ts';

/** Taken from the score of a class that is not in a set, so that it has no share in the set's probability. */
const NEVER = 1e9;

/**
 * Mean of minus the logarithm of the total probability of each row's set of classes, over the rows that have one. A row whose label
 * is a set is right when any of them is: Jin and Ghahramani, Learning with multiple labels, 2002.
 * @param scores `[n, classes]`, before a softmax.
 * @param sets `[n, classes]` of 0 and 1; a row without a 1 is left out.
 */
export function setLoss(tf: Tf, scores: tfjs.Tensor2D, sets: tfjs.Tensor2D): tfjs.Scalar {
  const logs: tfjs.Tensor2D = tf.logSoftmax(scores);
  const ofSets = tf.logSumExp<tfjs.Tensor1D>(tf.sub(logs, tf.mul(tf.sub(1, sets), NEVER)), 1);
  const known = tf.max<tfjs.Tensor1D>(sets, 1);
  // A row without a set has a logarithm that is far too low, and no share in the sum.
  return tf.neg(tf.div(tf.sum(tf.mul(ofSets, known)), tf.maximum(tf.sum(known), 1)));
}

/** How far embeddings are from those of a model before: the mean of 1 - cosine. @param a, b unit vectors `[n, dimension]`. */
export function distanceLoss(tf: Tf, a: tfjs.Tensor2D, b: tfjs.Tensor2D): tfjs.Scalar {
  return tf.sub(1, tf.mean<tfjs.Scalar>(tf.sum(tf.mul(a, b), 1)));
}

/**
 * Mean cross-entropy with the probabilities that a model before gives: Hinton et al., Distilling the knowledge in a neural network,
 * 2015.
 * @param scores `[n, classes]`, before a softmax.
 * @param wanted `[n, classes]`, probabilities.
 */
export function softLoss(tf: Tf, scores: tfjs.Tensor2D, wanted: tfjs.Tensor2D): tfjs.Scalar {
  return tf.neg(tf.mean<tfjs.Scalar>(tf.sum(tf.mul(wanted, tf.logSoftmax(scores)), 1)));
}
