/** A model made of another one, in a folder of its own. */

import { createHash } from 'node:crypto';
import { access, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { loadModel, type Manifest, type Model } from '../../src/embed/model.ts';
import { OperatorError } from '../../src/util/errors.ts';
import { type OnnxModel, writeOnnx } from '../../src/embed/onnx-file.ts';

/** Writes it to `folder`, with the licence and the log of the base where it has them, and loads it. @param change what its manifest says otherwise. */
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
  const isThere = await access(join(folder, 'model.onnx')).then(
    () => true,
    () => false,
  );
  if (isThere) throw new OperatorError(`${folder} holds a model already. Name another folder with --out.`);
}

/** Of a model that goes on under its name: the minor version after the highest of these. */
export function nextVersion(...versions: string[]): string {
  const highest = versions.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1) ?? '';
  const [major = '1', minor = '0'] = highest.split('.');
  return `${major}.${Number(minor) + 1}.0`;
}

/** The bands of a model's base, which say that they must be derived anew. @param made what became of the base, for example `trained`. */
export function bandsFromBefore({ manifest }: Model, made: string): Manifest['similarity'] {
  const derivedFrom = `Not derived for this model yet: the bands of ${manifest.name}, from before it was ${made}.`;
  return { ...manifest.similarity, derivedFrom };
}

/** The labels of a base whose classifiers are others now. */
export function uncalibrated(labels: Manifest['labels'] = {}): NonNullable<Manifest['labels']> {
  return Object.fromEntries(
    Object.entries(labels).map(([label, head]) => [label, { ...head, temperature: 1 }]),
  );
}

/** What the provenance of a variant says besides that of its base. */
export function madeBy({ manifest }: Model, from: string, by: string): Manifest['provenance'] {
  const { trained } = manifest.provenance;
  const earlier = Array.isArray(trained) ? (trained as unknown[]) : [];
  return { ...manifest.provenance, trained: [...earlier, { from, by }] };
}

/** How a model is called in the provenance of another. */
export function namedWithDigest({ manifest: { name, version, sha256 } }: Model): string {
  return `${name} ${version} (${sha256})`;
}
