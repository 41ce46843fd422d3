/** Sums of the losses between two validations, which are part of a checkpoint. */

import { CROP_LOSSES, type CropLossName } from './crops/crop-step-losses.ts';
import { HEAD_NAMES, type HeadName } from './labelled-items.ts';
import type { StepResult } from './step-result.ts';

export interface LossSums {
  count: number;
  loss: number;
  contrastive: number;
  labels: Record<HeadName, number>;
  /** Of steps with crops of outfits. */
  crops?: Record<CropLossName, number> | undefined;
}

export function emptySums(): LossSums {
  return {
    count: 0,
    loss: 0,
    contrastive: 0,
    labels: Object.fromEntries(HEAD_NAMES.map((head) => [head, 0])) as Record<HeadName, number>,
  };
}

export function addTo(sums: LossSums, result: StepResult): LossSums {
  const labels = HEAD_NAMES.map((head) => [head, sums.labels[head] + result.labels[head]] as const);
  return {
    count: sums.count + 1,
    loss: sums.loss + result.loss,
    contrastive: sums.contrastive + result.contrastive,
    labels: Object.fromEntries(labels) as Record<HeadName, number>,
    ...(result.crops && { crops: addedCrops(sums.crops, result.crops) }),
  };
}

/** Mean losses per step. */
export function meansOf({ count, loss, contrastive, labels, crops }: LossSums) {
  const by = Math.max(1, count);
  const all: Readonly<Record<string, number>> = { ...labels, ...crops };
  const labelLosses = Object.fromEntries(Object.entries(all).map(([name, sum]) => [name, sum / by]));
  return { loss: loss / by, contrastive: contrastive / by, labelLosses };
}

// --- Internal helpers ---

function addedCrops(
  sums: LossSums['crops'],
  result: Readonly<Record<CropLossName, number>>,
): Record<CropLossName, number> {
  const added = CROP_LOSSES.map((name) => [name, (sums?.[name] ?? 0) + result[name]] as const);
  return Object.fromEntries(added) as Record<CropLossName, number>;
}
