/** The classifiers that a trained model carries: matrices that its embeddings are multiplied with. */

import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Model } from '../../src/embed/model.ts';
import { readOnnx } from '../../src/embed/onnx-file.ts';

export interface Classifier {
  readonly head: string;
  readonly classes: readonly string[];
  /** `[dimension, classes]`. */
  readonly weights: Float32Array;
}

const manifestSchema = z.object({
  labels: z.record(z.string(), z.object({ output: z.string(), classes: z.array(z.string()) })).optional(),
});

/** None for a model that was not trained to classify. */
export async function readClassifiers(model: Model): Promise<Classifier[]> {
  const text = await readFile(join(dirname(model.weightsPath), 'manifest.json'), 'utf8');
  const { labels } = manifestSchema.parse(JSON.parse(text));
  if (!labels) return [];
  const { initialisers } = readOnnx(await readFile(model.weightsPath), model.weightsPath);
  return Object.entries(labels).flatMap(([head, { output, classes }]) => {
    const weights = initialisers.get(`${output}.weight`)?.data;
    return weights instanceof Float32Array ? [{ head, classes, weights }] : [];
  });
}
