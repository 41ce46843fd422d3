/** Sums of the losses between two validations, which are part of a checkpoint. */

import { HEAD_NAMES, type HeadName } from './labelled-items.ts';
import type { StepResult } from './trainer.ts';

export interface LossSums {
  count: number;
  loss: number;
  contrastive: number;
  labels: Record<HeadName, number>;
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
  };
}

/** Mean losses per step. */
export function meansOf({ count, loss, contrastive, labels }: LossSums) {
  const by = Math.max(1, count);
  const labelLosses = Object.fromEntries(HEAD_NAMES.map((head) => [head, labels[head] / by]));
  return { loss: loss / by, contrastive: contrastive / by, labelLosses };
}
