/** A model without its head: unit-length pooled features of the backbone alone, to compare a trained head with. */

import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadModel, type Model } from '../../src/embed/model.ts';
import { readOnnx, writeOnnx } from '../../src/embed/onnx-file.ts';
import { cutHead, type Pooling } from '../model/cut-head.ts';

/** Writes it below `folder` and loads it. @throws {OperatorError} when the model has no global average pooling. */
export async function frozenModel(base: Model, pooling: Pooling, folder: string): Promise<Model> {
  const source = readOnnx(await readFile(base.weightsPath), base.weightsPath);
  const { model, output, dimension } = cutHead(source, pooling);
  const bytes = writeOnnx(model);
  const target = join(folder, `${base.manifest.name}-${pooling}`);
  await mkdir(target, { recursive: true });
  await writeFile(join(target, 'model.onnx'), bytes);
  const manifest = {
    ...base.manifest,
    name: `${base.manifest.name}, ${pooling} pooling`,
    file: 'model.onnx',
    sha256: createHash('sha256').update(bytes).digest('hex'),
    head: 'none',
    dimension,
    output: { embedding: output },
    labels: undefined,
  };
  await writeFile(join(target, 'manifest.json'), JSON.stringify(manifest));
  return loadModel(target);
}
