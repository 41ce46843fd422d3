/** A model whose weights have no more than 8 bits, to see what that costs; it computes as before. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Model } from '../../src/embed/model.ts';
import { readOnnx } from '../../src/embed/onnx-file.ts';
import type { OnnxTensor } from '../../src/embed/onnx-tensor.ts';
import { writeVariant } from '../model/write-variant.ts';

/** Steps from zero to the largest weight of a row (of a kernel, an output channel): int8, symmetric. */
const STEPS = 127;

/** Writes it below `folder` and loads it. */
export async function roundedModel(base: Model, folder: string): Promise<Model> {
  const source = readOnnx(await readFile(base.weightsPath), base.weightsPath);
  const initialisers = new Map([...source.initialisers].map(([name, tensor]) => [name, rounded(tensor)]));
  const name = `${base.manifest.name}, 8-bit weights`;
  return writeVariant(base, { ...source, initialisers }, { name }, join(folder, name));
}

/** Kernels and matrices, each row along the first dimension by a scale of its own; biases and shapes stay. Exported to be tested. */
export function rounded(tensor: OnnxTensor): OnnxTensor {
  const { dims, data } = tensor;
  if (dims.length < 2 || !(data instanceof Float32Array)) return tensor;
  const result = new Float32Array(data.length);
  const length = data.length / dims[0]!;
  for (let start = 0; start < data.length; start += length) {
    const row = data.subarray(start, start + length);
    const step = row.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / STEPS;
    if (step > 0)
      result.set(
        row.map((value) => Math.round(value / step) * step),
        start,
      );
  }
  return { ...tensor, data: result };
}
