import { existsSync } from 'node:fs';
import { readFile, stat, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { readCheckpoint } from '../../../../scripts/train/checkpoint.ts';
import { splitOfPhoto } from '../../../../scripts/train/finder/outfit-photos.ts';
import { loadModel } from '../../../../src/embed/model.ts';
import { hasNativeTensorflow } from '../../../embed/native-tensorflow.ts';
import { hasShared, sharedPath } from '../../../shared-data.ts';
import { freshPath } from '../../../sources/fixtures.ts';
import { runScript, startScript } from '../../run-script.ts';
import { photosZip } from '../finder/outfit-fixtures.ts';

it.runIf(hasNativeTensorflow && hasShared)(
  'npm run train -- --crops continues after kill -9, looks for garments only once, and writes a model',
  async () => {
    const names = Array.from({ length: 12 }, (_, n) => String(n + 1).padStart(4, '0'));
    expect(new Set(names.map(splitOfPhoto))).toEqual(new Set(['train', 'validation']));
    const data = dirname(await photosZip(names));
    const small = 'fashion-product-images-small.zip';
    await symlink(sharedPath('data', small), join(data, small));
    const out = freshPath('training');
    const args = [
      ...['--crops', '2', '--steps', '4', '--batch', '2', '--side', '64', '--last-side', '64'],
      ...['--save-every', '1', '--validate-every', '4', '--validation', '20', '--data', data, '--out', out],
    ];
    const [checkpoint, garments] = ['latest.checkpoint', 'garments.json'].map((file) => join(out, file));

    const killed = startScript('scripts/train.ts', args);
    while (!existsSync(checkpoint!)) await setTimeout(20);
    killed.kill('SIGKILL');
    expect((await killed.finished).signal).toBe('SIGKILL');
    expect((await readCheckpoint(checkpoint!))!.step).toBeGreaterThanOrEqual(1);
    const { mtimeMs } = await stat(garments!);

    const finished = await runScript('scripts/train.ts', args);
    expect(finished.stdout).toContain('after 4 steps');
    expect(finished.stderr).toMatch(/Crops: \d+ garments of \d+ outfit photos/);
    expect((await stat(garments!)).mtimeMs).toBe(mtimeMs);
    const { weightsPath } = await loadModel(join(out, 'fashion-lite2'));
    const log = JSON.parse(await readFile(join(dirname(weightsPath), 'training.json'), 'utf8')) as {
      settings: { crops: number };
      history: { labelLosses: Record<string, number>; validation: Record<string, unknown> }[];
    };
    expect(log.settings.crops).toBe(2);
    expect(log.history).toHaveLength(1);
    expect(log.history[0]!.labelLosses.crops).toBeGreaterThan(0);
    expect(log.history[0]!.validation.crops).toMatchObject({ count: expect.any(Number) as number });

    const other = await runScript('scripts/train.ts', [...args, '--crops', '3']);
    expect(other.code).toBe(1);
    expect(other.stderr).toContain('crops.count: 2 before, 3 now');
  },
  600_000,
);
