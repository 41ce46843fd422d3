/** The classifiers of a trained model: an embedding times the matrix of a classifier gives its scores. */

import { readFile } from 'node:fs/promises';
import { OperatorError } from '../util/errors.ts';
import type { LabelHeadName, Model } from './model.ts';
import { readOnnxWeights } from './onnx-file.ts';

export interface LabelHead {
  readonly label: LabelHeadName;
  /** Names of the classes, in the order of the columns. */
  readonly classes: readonly string[];
  /** `[dimension, classes]`, row-major. */
  readonly weights: Float32Array;
  /** Scores are divided by it before the softmax, which calibrates the probabilities. */
  readonly temperature: number;
}

/**
 * Empty for a model without classifiers.
 * @throws {OperatorError} when the weights do not match the manifest.
 */
export async function readLabelHeads({ manifest, weightsPath }: Model): Promise<LabelHead[]> {
  const { labels, dimension } = manifest;
  if (!labels) return [];
  const heads = Object.entries(labels) as [LabelHeadName, NonNullable<(typeof labels)[LabelHeadName]>][];
  const names = new Set(heads.map(([, { output }]) => `${output}.weight`));
  const found = readOnnxWeights(await readFile(weightsPath), names, weightsPath);
  return heads.map(([label, { output, classes, temperature }]) => {
    const weights = found.get(`${output}.weight`);
    if (!(weights?.data instanceof Float32Array) || weights.data.length !== dimension * classes.length) {
      throw new OperatorError(
        `${weightsPath} should hold "${output}.weight" with ${dimension}x${classes.length} numbers, as its manifest says, ` +
          `and holds ${weights ? weights.dims.join('x') : 'none'}. Restore both files from the same release.`,
      );
    }
    return { label, classes, weights: weights.data, temperature };
  });
}
