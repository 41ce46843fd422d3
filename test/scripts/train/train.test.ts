import { existsSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { readCheckpoint } from '../../../scripts/train/checkpoint.ts';
import { createOnnxEngine } from '../../../src/embed/onnx-engine.ts';
import { loadModel } from '../../../src/embed/model.ts';
import { noise } from '../../contracts/engine.ts';
import { hasNativeTensorflow } from '../../embed/native-tensorflow.ts';
import { hasShared, sharedPath } from '../../shared-data.ts';
import { runScript, startScript } from '../run-script.ts';

it('reports that TensorFlow is not installed', async () => {
  const { code, stderr } = await runScript('scripts/train.ts', ['--steps', '1'], {
    TENSORFLOW_DIR: '/nowhere',
  });
  expect(code).toBe(1);
  expect(stderr).toContain('npm run setup:tensorflow');
}, 120_000);

it.runIf(hasNativeTensorflow && hasShared)(
  'npm run train continues after kill -9 from its last checkpoint, and writes a model that embeds',
  async () => {
    const out = await mkdtemp(join(tmpdir(), 'train-'));
    const sizes = ['--batch', '2', '--side', '32', '--last-side', '64', '--validation', '8'];
    const args = [
      '--steps',
      '8',
      ...sizes,
      '--save-every',
      '1',
      '--validate-every',
      '4',
      '--data',
      sharedPath('data'),
    ];
    const checkpoint = join(out, 'latest.checkpoint');

    const killed = startScript('scripts/train.ts', [...args, '--out', out]);
    while (!existsSync(checkpoint)) await setTimeout(20);
    killed.kill('SIGKILL');
    expect((await killed.finished).signal).toBe('SIGKILL');
    const { step } = (await readCheckpoint(checkpoint))!;
    expect(step).toBeGreaterThanOrEqual(1);
    expect(existsSync(join(out, 'fashion-lite2'))).toBe(false);

    const finished = await runScript('scripts/train.ts', [...args, '--out', out]);
    expect(finished.stdout).toContain('after 8 steps');
    const model = await loadModel(join(out, 'fashion-lite2'));
    const training = JSON.parse(await readFile(join(out, 'fashion-lite2', 'training.json'), 'utf8')) as {
      history: { step: number }[];
    };
    expect(training.history.map((entry) => entry.step)).toEqual([4, 8]);
    const engine = await createOnnxEngine({ model, provider: 'cpu', workers: 1 });
    const [result] = await engine.run([noise(model.manifest.input.side ** 2 * 3, 1)]);
    await engine.close();
    expect(Math.hypot(...result!.embedding)).toBeCloseTo(1, 4);

    const fit = ['fit', join(out, 'fashion-lite2'), '--out', join(out, 'fashion-lite2')];
    const onItself = await runScript('scripts/model.ts', fit);
    expect(onItself.code).toBe(1);
    expect(onItself.stderr).toContain('holds a model already');
  },
  600_000,
);
