/** A model whose weights are rounded to 8 bits, to measure what that costs. It still computes in 32-bit floats. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Model } from '../../src/embed/model.ts';
import { readOnnx } from '../../src/embed/onnx-file.ts';
import type { OnnxTensor } from '../../src/embed/onnx-tensor.ts';
import { writeVariant } from '../model/write-variant.ts';

/** Steps from zero to the largest weight of a row (in kernels, an output channel): symmetric int8. */
const STEPS = 127;

/** Writes it below `folder` and loads it. */
export async function roundedModel(base: Model, folder: string): Promise<Model> {
  const source = readOnnx(await readFile(base.weightsPath), base.weightsPath);
  const initialisers = new Map([...source.initialisers].map(([name, tensor]) => [name, rounded(tensor)]));
  const name = `${base.manifest.name}, 8-bit weights`;
  return writeVariant(base, { ...source, initialisers }, { name }, join(folder, name));
}

/** Rounds kernels and matrices, with one scale per row of the first dimension; biases and shapes stay unchanged. Exported for tests. */
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
