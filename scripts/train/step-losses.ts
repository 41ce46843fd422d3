/** What one training step minimises: the losses of one batch and their weighted sum. */

import type * as tfjs from '@tensorflow/tfjs-core';
import type { Tf } from '../../src/embed/tensorflow-context.ts';
import type { Classifiers, Task } from './classifiers.ts';
import { HEAD_NAMES, type HeadName } from './labelled-items.ts';
import { contrastiveLoss, labelLoss, wordLoss } from './losses.ts';

export interface StepTargets {
  /** The class of each item by head, int32 `[n]`; -1: unknown. */
  readonly labels: ReadonlyMap<HeadName, tfjs.Tensor1D>;
  /** The label triple of each item, int32 `[n]`; -1: unknown. */
  readonly labelTriples: tfjs.Tensor1D;
  /** `[n, words]` of 0 and 1. */
  readonly words: tfjs.Tensor2D;
}

export interface StepLosses {
  /** The weighted sum of all losses. */
  readonly total: tfjs.Scalar;
  readonly contrastive: tfjs.Scalar;
  /** In the order of `HEAD_NAMES`. */
  readonly labels: readonly tfjs.Scalar[];
}

const SMOOTHING = 0.1;
const CONTRASTIVE_WEIGHT = 0.5;
const LABEL_TRIPLE_WEIGHT = 0.5;
const WORDS_WEIGHT = 0.4;
const TEMPERATURE = 0.1;

/**
 * @param embeddings unit vectors `[2 * n, dimension]`: the catalogue views of `n` items, then their shopper views.
 * @param labelWeights how much the loss of each label counts.
 */
export function stepLosses(
  tf: Tf,
  classifiers: Pick<Classifiers, 'scores'>,
  labelWeights: Readonly<Record<HeadName, number>>,
  embeddings: tfjs.Tensor2D,
  targets: StepTargets,
): StepLosses {
  const half = embeddings.shape[0] / 2;
  const [catalogue, shopper] = tf.split(embeddings, [half, half]) as [tfjs.Tensor2D, tfjs.Tensor2D];
  const contrastive = contrastiveLoss(tf, catalogue, shopper, TEMPERATURE);
  /** Both views of an item have the same target. */
  const lossOf = (task: Task, wanted: tfjs.Tensor1D): tfjs.Scalar => {
    const scores = classifiers.scores(task, embeddings);
    return scores ? labelLoss(tf, scores, tf.concat1d([wanted, wanted]), SMOOTHING) : tf.scalar(0);
  };
  const labels = HEAD_NAMES.map((head) => lossOf(head, targets.labels.get(head)!));
  const weighted = labels.map((loss, n) => tf.mul<tfjs.Scalar>(loss, labelWeights[HEAD_NAMES[n]!]));
  const labelTriple = lossOf('labelTriple', targets.labelTriples);
  const wordScores = classifiers.scores('words', embeddings);
  const words = wordScores
    ? wordLoss(tf, wordScores, tf.concat2d([targets.words, targets.words], 0))
    : tf.scalar(0);
  const total = tf.addN<tfjs.Scalar>([
    tf.mul(contrastive, CONTRASTIVE_WEIGHT),
    tf.mul(labelTriple, LABEL_TRIPLE_WEIGHT),
    tf.mul(words, WORDS_WEIGHT),
    ...weighted,
  ]);
  return { total, contrastive, labels };
}
