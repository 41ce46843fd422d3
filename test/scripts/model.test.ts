import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { createOnnxEngine } from '../../src/embed/onnx-engine.ts';
import { loadModel } from '../../src/embed/model.ts';
import { writeOnnx } from '../../src/embed/onnx-file.ts';
import { noise } from '../contracts/engine.ts';
import { onnxBuilder } from '../embed/build-onnx.ts';
import { hasNativeTensorflow } from '../embed/native-tensorflow.ts';
import { resnet50, smallResnet } from '../embed/resnet50.ts';
import { hasShared, sharedPath } from '../shared-data.ts';
import { runScript } from './run-script.ts';

let [folder, file, imported] = ['', '', ''];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'model-'));
  file = join(folder, 'resnet50.onnx');
  imported = join(folder, 'imported');
  await writeFile(file, writeOnnx(resnet50(4)));
  const { code, stdout } = await runScript('scripts/model.ts', ['import', file, '--out', imported]);
  expect(code).toBe(0);
  expect(stdout).toContain('(224 px)');
}, 120_000);

describe('npm run model -- import, with a ResNet50 of random weights', () => {
  it('makes a model whose embeddings are unit vectors of 256 numbers', async () => {
    const model = await loadModel(imported);
    expect(model.manifest).toMatchObject({ name: 'resnet50', head: 'random-256', dimension: 256 });
    const engine = await createOnnxEngine({ model, provider: 'cpu', workers: 1 });
    const pictures = [1, 2].map((seed) => noise(224 * 224 * 3, seed));
    const [a, b] = (await engine.run(pictures)).map(({ embedding }) => embedding);
    await engine.close();
    expect(Math.hypot(...a!)).toBeCloseTo(1, 4);
    // Both are noise, which random features hardly distinguish.
    expect(a!.reduce((sum, value, n) => sum + value * b![n]!, 0)).toBeGreaterThan(0.9);
  });

  it('searches with it: a picture of an imported inventory finds itself first', async () => {
    const pictures = join(folder, 'pictures');
    await mkdir(pictures);
    const colours = ['red', 'green', 'blue', 'black', 'orange', 'white'];
    for (const colour of colours) {
      const picture = sharp({ create: { width: 60, height: 80, channels: 3, background: colour } });
      await writeFile(join(pictures, `${colour}.png`), await picture.png().toBuffer());
    }
    const environment = { MODEL_DIR: imported, DATA_DIR: join(folder, 'data'), ENGINE: 'onnx' };
    const added = await runScript('scripts/inventory.ts', ['import', pictures], environment);
    expect(added.code).toBe(0);
    const found = await runScript('scripts/find.ts', [join(pictures, 'orange.png')], environment);
    expect(found.code).toBe(0);
    expect(found.stdout).toMatch(/orange[^\n]*1\.00|1\.00[^\n]*orange/);
  }, 240_000);

  it('does not overwrite a model, and names invalid input', async () => {
    const again = await runScript('scripts/model.ts', ['import', file, '--out', imported]);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('holds a model already');

    const builder = onnxBuilder();
    const flat = join(folder, 'flat.onnx');
    await writeFile(flat, writeOnnx(builder.build(builder.node('Relu', ['x']), ['n', 3, 32, 32])));
    const refused = await runScript('scripts/model.ts', ['import', flat, '--out', join(folder, 'flat')]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('GlobalAveragePool');
  }, 120_000);
});

describe('npm run train, with an imported ResNet', () => {
  it.runIf(hasNativeTensorflow && hasShared)(
    'gives a model that embeds and finds',
    async () => {
      // Smaller than ResNet50, because time goes by weights and not by operators, which are the same.
      const network = smallResnet(4);
      const small = join(folder, 'small-resnet.onnx');
      const base = join(folder, 'small-resnet');
      await writeFile(small, writeOnnx(network));
      expect((await runScript('scripts/model.ts', ['import', small, '--out', base])).code).toBe(0);
      const out = join(folder, 'training');
      // After the second of four stages.
      const adds = network.nodes.flatMap(({ operator }, place) => (operator === 'Add' ? [place] : []));
      const frozenUntil = network.nodes[adds[1]! + 1]!.outputs[0]!;
      const sizes = [
        '--steps',
        '2',
        '--batch',
        '2',
        '--side',
        '64',
        '--last-side',
        '96',
        '--validation',
        '8',
      ];
      const trained = await runScript('scripts/train.ts', [
        ...['--base', base, '--frozen-until', frozenUntil, '--out', out, '--name', 'taught'],
        ...['--data', sharedPath('data'), '--validate-every', '2', ...sizes],
      ]);
      expect(trained.stderr).toContain('of small-resnet');
      expect(trained.stdout).toContain('after 2 steps');
      const model = await loadModel(join(out, 'taught'));
      expect(model.manifest).toMatchObject({ head: 'trained-256', dimension: 256 });
      expect(Object.keys(model.manifest.labels ?? {})).toContain('type');
      expect(await readFile(join(out, 'taught', 'training.svg'), 'utf8')).toContain('<svg');
      const engine = await createOnnxEngine({ model, provider: 'cpu', workers: 1 });
      const [{ embedding }] = (await engine.run([noise(224 * 224 * 3, 3)])) as [{ embedding: Float32Array }];
      await engine.close();
      expect(Math.hypot(...embedding)).toBeCloseTo(1, 4);

      const pictures = join(folder, 'pictures');
      const environment = {
        MODEL_DIR: join(out, 'taught'),
        DATA_DIR: join(folder, 'data-taught'),
        ENGINE: 'onnx',
      };
      expect((await runScript('scripts/inventory.ts', ['import', pictures], environment)).code).toBe(0);
      const found = await runScript('scripts/find.ts', [join(pictures, 'orange.png')], environment);
      expect(found.stdout).toMatch(/orange[^\n]*1\.00|1\.00[^\n]*orange/);
    },
    600_000,
  );
});
