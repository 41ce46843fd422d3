/** A model made of another one for a comparison, in a folder of its own. */

import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadModel, type Manifest, type Model } from '../../src/embed/model.ts';
import { type OnnxModel, writeOnnx } from '../../src/embed/onnx-file.ts';

/** Writes it below `folder` and loads it. @param change what its manifest says otherwise; each variant has another name. */
export async function writeVariant(
  base: Model,
  model: OnnxModel,
  change: Partial<Manifest> & Pick<Manifest, 'name'>,
  folder: string,
): Promise<Model> {
  const bytes = writeOnnx(model);
  const target = join(folder, change.name);
  await mkdir(target, { recursive: true });
  await writeFile(join(target, 'model.onnx'), bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const manifest = { ...base.manifest, ...change, file: 'model.onnx', sha256 };
  await writeFile(join(target, 'manifest.json'), JSON.stringify(manifest));
  return loadModel(target);
}
