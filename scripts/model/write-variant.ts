/** Writes a model that was derived from another one to its own folder. */

import { createHash } from 'node:crypto';
import { access, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { loadModel, type Manifest, type Model } from '../../src/embed/model.ts';
import { OperatorError } from '../../src/util/errors.ts';
import { type OnnxModel, writeOnnx } from '../../src/embed/onnx-file.ts';

/** Writes the model to `folder` with the base's licence and training log, if it has them, and loads it. @param change differences from the base's manifest. */
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
  for (const name of ['LICENSE', 'training.json', 'training.svg'])
    await copyFile(join(dirname(base.weightsPath), name), join(folder, name)).catch(() => undefined);
  return loadModel(folder);
}

/** @throws {OperatorError} when the folder holds a model. */
export async function refuseModelIn(folder: string): Promise<void> {
  const exists = await access(join(folder, 'model.onnx')).then(
    () => true,
    () => false,
  );
  if (exists) throw new OperatorError(`${folder} holds a model already. Name another folder with --out.`);
}

/** The version of a model that keeps its name: the minor version after the highest of these. */
export function nextVersion(...versions: string[]): string {
  const highest = versions.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1) ?? '';
  const [major = '1', minor = '0'] = highest.split('.');
  return `${major}.${Number(minor) + 1}.0`;
}

/** The similarity thresholds of the base, marked as not yet derived for the new model. @param made how the base was changed, for example `trained`. */
export function bandsFromBefore({ manifest }: Model, made: string): Manifest['similarity'] {
  const derivedFrom = `Not derived for this model yet: the bands of ${manifest.name}, from before it was ${made}.`;
  return { ...manifest.similarity, derivedFrom };
}

/** The labels of a base whose classifiers have changed: their temperatures are no longer valid. */
export function uncalibrated(labels: Manifest['labels'] = {}): NonNullable<Manifest['labels']> {
  return Object.fromEntries(
    Object.entries(labels).map(([label, head]) => [label, { ...head, temperature: 1 }]),
  );
}

/** The provenance of a model that was derived from the base. */
export function madeBy({ manifest }: Model, from: string, by: string): Manifest['provenance'] {
  const { trained } = manifest.provenance;
  const earlier = Array.isArray(trained) ? (trained as unknown[]) : [];
  return { ...manifest.provenance, trained: [...earlier, { from, by }] };
}

/** How the provenance of other models names a model. */
export function namedWithDigest({ manifest: { name, version, sha256 } }: Model): string {
  return `${name} ${version} (${sha256})`;
}
