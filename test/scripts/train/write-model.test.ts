import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { HEAD_NAMES } from '../../../scripts/train/labelled-items.ts';
import { writeModel } from '../../../scripts/train/write-model.ts';
import { loadModel } from '../../../src/embed/model.ts';
import { readOnnx } from '../../../src/embed/onnx-file.ts';
import { shippedModel } from '../../shipped-model.ts';

const scores = { accuracy: 0.8765, macroF1: 0.6543, count: 10 };
const byHead = <T>(value: T) => Object.fromEntries(HEAD_NAMES.map((head) => [head, value]));
const run = {
  identity: 'test',
  seconds: 120,
  bestScore: 0.8,
  sinceBest: 0,
  sums: { count: 0, loss: 0, contrastive: 0, labels: byHead(0) as never },
  history: [
    { step: 40, loss: 1, contrastive: 0.5, labelLosses: byHead(1), validation: byHead(scores) },
    {
      step: 50,
      loss: 0.9,
      contrastive: 0.4,
      labelLosses: byHead(0.9),
      validation: byHead({ ...scores, accuracy: 0.8 }),
    },
  ],
};

it('a model that is trained again under its name gets a new version and the log of all its runs', async () => {
  const folder = join(await mkdtemp(join(tmpdir(), 'write-model-')), 'model');
  const base = shippedModel;
  const { name, version, dimension, labels } = base.manifest;
  await writeModel({
    folder,
    name,
    base,
    model: readOnnx(await readFile(base.weightsPath), base.weightsPath),
    dimension,
    classes: Object.fromEntries(HEAD_NAMES.map((head) => [head, labels![head]!.classes])) as never,
    run,
    steps: 50,
    bestStep: 40,
    stepsAnEpoch: 100,
    settings: { seed: 7 },
  });
  const { manifest } = await loadModel(folder);
  const [major, minor] = version.split('.').map(Number) as [number, number];
  expect(manifest).toMatchObject({ name, version: `${major}.${minor + 1}.0`, head: `trained-${dimension}` });
  expect(manifest.similarity.derivedFrom).toContain('Not derived for this model yet');
  const trained = manifest.provenance.trained as { from: string; by: string }[];
  expect(trained.length).toBeGreaterThanOrEqual(2);
  expect(trained.at(-1)).toEqual({
    from: `${name} ${version} (${base.manifest.sha256})`,
    by: 'npm run train, 50 steps',
  });

  const log = JSON.parse(await readFile(join(folder, 'training.json'), 'utf8')) as {
    before: { history: { step: number }[] };
  };
  expect(log).toMatchObject({ settings: { seed: 7 }, steps: 50, bestStep: 40 });
  expect(log.before.history.length).toBeGreaterThan(1);
  expect(await readFile(join(folder, 'training.svg'), 'utf8')).toContain('validation macro F1');
  const card = await readFile(join(folder, 'MODEL_CARD.md'), 'utf8');
  expect(card).toContain('50 steps, 0.5 epochs, 2 minutes');
  expect(card).toContain('The model has the weights of step 40.');
  expect(card).toMatch(/\| type \| \d+ \| 0\.876 \| 0\.654 \|/);
});
