/** The losses of a training step as numbers. */

import type * as tfjs from '@tensorflow/tfjs-core';
import { CROP_LOSSES, type CropLossName, type CropStepLosses } from './crops/crop-step-losses.ts';
import { HEAD_NAMES, type HeadName } from './labelled-items.ts';
import type { StepLosses } from './step-losses.ts';

export interface StepResult {
  readonly loss: number;
  readonly contrastive: number;
  readonly labels: Readonly<Record<HeadName, number>>;
  /** Of a batch with crops. */
  readonly crops?: Readonly<Record<CropLossName, number>>;
}

/** Reads the losses and disposes them. @param crops those of the step's crops; undefined: it has none. */
export function readLosses(
  { total, contrastive, labels }: StepLosses,
  crops: CropStepLosses | undefined,
): StepResult {
  const byHead = Object.fromEntries(HEAD_NAMES.map((head, n) => [head, read(labels[n]!)]));
  const ofCrops = crops && Object.fromEntries(CROP_LOSSES.map((name) => [name, read(crops[name])]));
  return {
    loss: read(total),
    contrastive: read(contrastive),
    labels: byHead as Record<HeadName, number>,
    ...(ofCrops && { crops: ofCrops as Record<CropLossName, number> }),
  };
}

// --- Internal helpers ---

function read(loss: tfjs.Scalar): number {
  const value = loss.dataSync()[0] ?? NaN;
  loss.dispose();
  return value;
}
