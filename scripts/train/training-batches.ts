/** Joins the views and crops of a step with what is to be predicted of them. */

import type { CropValidation } from './crops/validate-crops.ts';
import { type Classes, HEAD_NAMES, type LabelledItem, labelTriplesOf, targetsOf } from './labelled-items.ts';
import { wordsOfTitles } from './title-words.ts';
import type { TrainingBatch } from './trainer.ts';
import type { ViewBatch } from './view-loader.ts';

export interface TrainingCrops {
  /** Article types that are right for each garment. */
  readonly garments: readonly { readonly types: readonly string[] }[];
  readonly validation: CropValidation;
}

/** @returns a function that adds to the views of some items what is to be predicted of them. */
export function createBatches(
  items: readonly LabelledItem[],
  classes: Classes,
  crops?: TrainingCrops,
): (views: ViewBatch) => TrainingBatch {
  const targets = targetsOf(items, classes);
  const labelTriples = labelTriplesOf(items).targets;
  const words = wordsOfTitles(items).ofItems;
  const typesOf = crops?.garments.map(({ types }) =>
    types.flatMap((type) => (classes.type.includes(type) ? [classes.type.indexOf(type)] : [])),
  );
  return ({ indices, pixels, crops: cropBatch }) => {
    const batchTargets = HEAD_NAMES.map((head) => [
      head,
      Int32Array.from(indices, (index) => targets[head][index]!),
    ]);
    return {
      pixels,
      targets: Object.fromEntries(batchTargets) as TrainingBatch['targets'],
      labelTriples: Int32Array.from(indices, (index) => labelTriples[index]!),
      words: Array.from(indices, (index) => words[index]!),
      ...(cropBatch &&
        typesOf && {
          crops: {
            pixels: cropBatch.pixels,
            types: Array.from(cropBatch.garments, (garment) => typesOf[garment]!),
          },
        }),
    };
  };
}
