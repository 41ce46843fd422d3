/** What a training step with crops of outfits minimises beside the losses of its items. */

import type * as tfjs from '@tensorflow/tfjs-core';
import type { Tf } from '../../../src/embed/tensorflow-context.ts';
import type { Classifiers } from '../classifiers.ts';
import { distanceLoss, setLoss, softLoss } from './crop-losses.ts';

export interface CropStepTargets {
  /** The types that are right for each crop, `[n, types]` of 0 and 1. */
  readonly sets: tfjs.Tensor2D;
  /** Probabilities of colours of each crop, by the model before, `[n, colours]`; undefined: it tells none. */
  readonly colours: tfjs.Tensor2D | undefined;
  /** Embeddings of the catalogue views, by the model before. */
  readonly embeddings: tfjs.Tensor2D;
}

/** Each a scalar. */
export interface CropStepLosses {
  /** The weighted sum of the others. */
  readonly total: tfjs.Scalar;
  /** Minus the log of the probability of the right types. */
  readonly crops: tfjs.Scalar;
  /** 1 - the cosine to the model before, of catalogue views. */
  readonly kept: tfjs.Scalar;
  /** Colours of crops told as the model before tells them. */
  readonly cropColours: tfjs.Scalar;
}

export const CROP_LOSSES = ['crops', 'kept', 'cropColours'] as const;
export type CropLossName = (typeof CROP_LOSSES)[number];

/** Version of crops and of what a step does with them, kept in checkpoints. Increase it with every change to either. */
export const CROP_RECIPE = 1;

/** How much the losses of the items count beside those of crops. */
export const ITEMS_WEIGHT = 0.5;
const KEPT_WEIGHT = 4;
const COLOURS_WEIGHT = 0.3;

/**
 * @param catalogue embeddings of the catalogue views, `[m, dimension]`.
 * @param crops embeddings of the crops, `[n, dimension]`.
 */
export function cropStepLosses(
  tf: Tf,
  classifiers: Pick<Classifiers, 'scores'>,
  { catalogue, crops }: { readonly catalogue: tfjs.Tensor2D; readonly crops: tfjs.Tensor2D },
  targets: CropStepTargets,
): CropStepLosses {
  const types = classifiers.scores('type', crops);
  const colours = targets.colours && classifiers.scores('colour', crops);
  const ofCrops = types ? setLoss(tf, types, targets.sets) : tf.scalar(0);
  const kept = distanceLoss(tf, catalogue, targets.embeddings);
  const cropColours = colours ? softLoss(tf, colours, targets.colours) : tf.scalar(0);
  const total = tf.addN<tfjs.Scalar>([
    ofCrops,
    tf.mul(kept, KEPT_WEIGHT),
    tf.mul(cropColours, COLOURS_WEIGHT),
  ]);
  return { total, crops: ofCrops, kept, cropColours };
}
