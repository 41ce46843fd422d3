import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { averageModels } from '../../scripts/model/average-models.ts';
import { loadModel, type Model } from '../../src/embed/model.ts';
import { type OnnxModel, readOnnx, writeOnnx } from '../../src/embed/onnx-file.ts';
import { OperatorError } from '../../src/util/errors.ts';
import { onnxBuilder } from '../embed/build-onnx.ts';
import { shippedModel } from '../shipped-model.ts';

const network = async ({ weightsPath }: Model): Promise<OnnxModel> =>
  readOnnx(await readFile(weightsPath), weightsPath);

it('averages all weights by share, and a classifier that one model lacks over the others', async () => {
  const trained = shippedModel;
  const before = await loadModel('assets/models/efficientnet-lite2');
  const folder = join(await mkdtemp(join(tmpdir(), 'average-')), 'model');
  await averageModels(
    [
      { model: trained, share: 3 },
      { model: before, share: 1 },
    ],
    folder,
  );
  const average = await loadModel(folder);
  const { name, version, labels } = trained.manifest;
  const [major, minor] = version.split('.').map(Number) as [number, number];
  expect(average.manifest).toMatchObject({ name, version: `${major}.${minor + 1}.0` });
  expect(average.manifest.similarity.derivedFrom).toContain('Not derived for this model yet');
  const uncalibrated = Object.entries(labels!).map(([label, head]) => [label, { ...head, temperature: 1 }]);
  expect(average.manifest.labels).toEqual(Object.fromEntries(uncalibrated));
  expect((average.manifest.provenance.trained as { by: string }[]).at(-1)?.by).toContain('average');
  const [a, b, c] = await Promise.all([trained, before, average].map(network));
  for (const [name, { data, stored }] of c!.initialisers) {
    if (!(data instanceof Float32Array)) continue;
    const [own, other] = [a, b].map((model) => model!.initialisers.get(name)?.data);
    for (const at of [0, data.length >> 1, data.length - 1]) {
      const expected = other ? 0.75 * own![at]! + 0.25 * other[at]! : own![at]!;
      const rounding = stored === 'float16' ? Math.abs(expected) / 1000 + 1e-6 : 1e-6;
      expect(Math.abs(data[at]! - expected), `${name}[${at}]`).toBeLessThanOrEqual(rounding);
    }
  }
  expect(c!.initialisers.has('label.type.weight')).toBe(true);
  expect(b!.initialisers.has('label.type.weight')).toBe(false);
});

it('refuses models whose classifiers have other classes or another order of them', async () => {
  const { manifest } = shippedModel;
  const colour = { ...manifest.labels!.colour!, classes: [...manifest.labels!.colour!.classes].reverse() };
  const other = { ...shippedModel, manifest: { ...manifest, labels: { ...manifest.labels, colour } } };
  const folder = join(await mkdtemp(join(tmpdir(), 'average-')), 'model');
  const averaging = averageModels(
    [
      { model: shippedModel, share: 1 },
      { model: other, share: 1 },
    ],
    folder,
  );
  await expect(averaging).rejects.toThrow(OperatorError);
  await expect(averaging).rejects.toThrow(/"colour"/);
});

it('refuses models without a common origin and names the difference', async () => {
  const small = { ...shippedModel, weightsPath: await otherNetwork() };
  const folder = await mkdtemp(join(tmpdir(), 'average-'));
  const averaging = averageModels(
    [
      { model: shippedModel, share: 1 },
      { model: small, share: 1 },
    ],
    folder,
  );
  await expect(averaging).rejects.toThrow(OperatorError);
  await expect(averaging).rejects.toThrow(/missing in|Only models that were trained from one another/);
});

async function otherNetwork(): Promise<string> {
  const builder = onnxBuilder();
  const file = join(await mkdtemp(join(tmpdir(), 'average-')), 'other.onnx');
  await writeFile(file, writeOnnx(builder.build(builder.node('Relu', ['x']), ['n', 3, 32, 32])));
  return file;
}
