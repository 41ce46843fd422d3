import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadModel, fingerprintDifferences, fingerprintDigest } from '../../src/embed/model.ts';
import { OperatorError } from '../../src/util/errors.ts';
import { shippedModel } from '../shipped-model.ts';

async function copyOfModel(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'model-'));
  await cp(dirname(shippedModel.weightsPath), folder, { recursive: true });
  return folder;
}

describe('loadModel', () => {
  it('refuses weights with another digest than in the manifest, naming both', async () => {
    const folder = await copyOfModel();
    await writeFile(join(folder, 'model.onnx'), 'other');
    await expect(loadModel(folder)).rejects.toThrow(OperatorError);
    await expect(loadModel(folder)).rejects.toThrow(shippedModel.manifest.sha256);
  });

  it('names the invalid member of a manifest', async () => {
    const folder = await copyOfModel();
    const path = join(folder, 'manifest.json');
    const manifest = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
    await writeFile(path, JSON.stringify({ ...manifest, dimension: -1 }));
    await expect(loadModel(folder)).rejects.toThrow(/dimension/);
    await writeFile(path, '{');
    await expect(loadModel(folder)).rejects.toThrow(OperatorError);
  });

  it('names the folder that has no model', async () => {
    await expect(loadModel('/nowhere')).rejects.toThrow(
      'Cannot read the model manifest /nowhere/manifest.json: no such file or folder. ' +
        'Name a model folder: one with a manifest.json and the weights that it names.',
    );
  });
});

describe('a model fingerprint', () => {
  it('has the same digest for the same model, and another for any difference', () => {
    const { fingerprint } = shippedModel;
    const reordered = Object.fromEntries(
      Object.entries(fingerprint).reverse(),
    ) as unknown as typeof fingerprint;
    expect(fingerprintDigest(reordered)).toBe(fingerprintDigest(fingerprint));
    expect(fingerprintDigest({ ...fingerprint, preprocessing: 'squash 1' })).not.toBe(
      fingerprintDigest(fingerprint),
    );
  });

  it('names what differs', () => {
    const { fingerprint } = shippedModel;
    expect(fingerprintDifferences(fingerprint, fingerprint)).toEqual([]);
    expect(fingerprintDifferences(fingerprint, { ...fingerprint, dimension: 7 })).toEqual([
      `dimension: ${fingerprint.dimension} -> 7`,
    ]);
  });
});
