import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createOnnxEngine } from '../../src/embed/onnx-engine.ts';
import { EngineUnavailableError } from '../../src/util/errors.ts';
import { engineContract } from '../contracts/engine.ts';
import { shippedModel } from '../shipped-model.ts';

engineContract(
  'onnx-engine',
  () => createOnnxEngine({ model: shippedModel, provider: 'cpu', workers: 2 }),
  shippedModel,
);

it('is unavailable, with the reason, when the weights cannot be loaded', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'onnx-engine-'));
  const weightsPath = join(folder, 'model.onnx');
  await writeFile(weightsPath, 'this is not a network');
  const opening = createOnnxEngine({ model: { ...shippedModel, weightsPath }, provider: 'cpu', workers: 2 });
  await expect(opening).rejects.toThrow(EngineUnavailableError);
  await expect(opening).rejects.toThrow(/^Load model from/);
});
