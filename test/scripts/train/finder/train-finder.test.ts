import { existsSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { readCheckpoint } from '../../../../scripts/train/checkpoint.ts';
import { createOnnxEngine } from '../../../../src/embed/onnx-engine.ts';
import { loadFinder } from '../../../../src/garments/finder-model.ts';
import { createGarmentFinder } from '../../../../src/garments/garment-finder.ts';
import { noise } from '../../../contracts/engine.ts';
import { hasNativeTensorflow } from '../../../embed/native-tensorflow.ts';
import { hasShared, sharedPath } from '../../../shared-data.ts';
import { runScript, startScript } from '../../run-script.ts';

it.runIf(hasNativeTensorflow && hasShared)(
  'npm run train -- --task finder goes on after kill -9 from its last checkpoint, and gives a finder that runs',
  async () => {
    const out = await mkdtemp(join(tmpdir(), 'train-finder-'));
    const args = [
      ...['--task', 'finder', '--steps', '4', '--batch', '1', '--side', '32', '--last-side', '64'],
      ...['--save-every', '1', '--validate-every', '4', '--data', sharedPath('data'), '--out', out],
    ];
    const checkpoint = join(out, 'latest.checkpoint');

    const killed = startScript('scripts/train.ts', args);
    while (!existsSync(checkpoint)) await setTimeout(20);
    killed.kill('SIGKILL');
    expect((await killed.finished).signal).toBe('SIGKILL');
    expect((await readCheckpoint(checkpoint))!.step).toBeGreaterThanOrEqual(1);
    expect(existsSync(join(out, 'finder-lite2'))).toBe(false);

    const finished = await runScript('scripts/train.ts', args);
    expect(finished.stdout).toContain('after 4 steps');
    const folder = join(out, 'finder-lite2');
    const model = await loadFinder(folder);
    const training = JSON.parse(await readFile(join(folder, 'training.json'), 'utf8')) as {
      history: { step: number }[];
    };
    expect(training.history.map(({ step }) => step)).toEqual([4]);
    const engine = await createOnnxEngine({ model: model.runnable, provider: 'cpu', workers: 1 });
    const finder = createGarmentFinder({ engine, model });
    const { side } = model.manifest.input;
    const { productProbability } = await finder.find(noise(side * side * 3, 1));
    await finder.close();
    expect(productProbability).toBeGreaterThanOrEqual(0);
  },
  600_000,
);
