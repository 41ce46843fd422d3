/** A model made of another one, in a folder of its own. */

import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadModel, type Manifest, type Model } from '../../src/embed/model.ts';
import { type OnnxModel, writeOnnx } from '../../src/embed/onnx-file.ts';

/** Writes it to `folder` and loads it. @param change what its manifest says otherwise. */
export async function writeVariant(
  base: Model,
  model: OnnxModel,
  change: Partial<Manifest>,
  folder: string,
): Promise<Model> {
  const bytes = writeOnnx(model);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'model.onnx'), bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const manifest = { ...base.manifest, ...change, file: 'model.onnx', sha256 };
  await writeFile(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return loadModel(folder);
}
