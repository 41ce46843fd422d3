/** A model without its head, as a baseline for a trained head: the pooled features of the backbone at unit length. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Model } from '../../src/embed/model.ts';
import { readOnnx } from '../../src/embed/onnx-file.ts';
import { cutHead, type Pooling } from '../model/cut-head.ts';
import { writeVariant } from '../model/write-variant.ts';

/** Writes it below `folder` and loads it. @throws {OperatorError} when the model has no global average pooling. */
export async function headlessModel(base: Model, pooling: Pooling, folder: string): Promise<Model> {
  const source = readOnnx(await readFile(base.weightsPath), base.weightsPath);
  const { model, output, dimension } = cutHead(source, pooling);
  const name = `${base.manifest.name}, ${pooling} pooling`;
  const change = { name, head: 'none', dimension, output: { embedding: output }, labels: undefined };
  return writeVariant(base, model, change, join(folder, name));
}
