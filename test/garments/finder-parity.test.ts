import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Engine } from '../../src/embed/engine.ts';
import { createOnnxEngine } from '../../src/embed/onnx-engine.ts';
import { createTensorflowEngine } from '../../src/embed/tensorflow-engine.ts';
import { loadFinder } from '../../src/garments/finder-model.ts';
import { createGarmentFinder, type FoundGarments } from '../../src/garments/garment-finder.ts';
import { createPhotoDecoder } from '../../src/photo/decode-photo.ts';
import { hasNativeTensorflow, tensorflowFolder } from '../embed/native-tensorflow.ts';
import { assetsFolder } from '../shipped-model.ts';

const folder = join(assetsFolder, 'models', 'finder-lite2');
const pictures = ['10007', '10483', '15970'].map((id) =>
  join(assetsFolder, 'demo-inventory', 'images', `${id}.jpg`),
);

it.runIf(existsSync(folder) && hasNativeTensorflow)(
  'the finder finds the same on both engines: scores within a hundredth, boxes within a cell',
  async () => {
    const model = await loadFinder(folder);
    const { side } = model.manifest.input;
    const decoder = createPhotoDecoder();
    const known = pictures.filter((path) => existsSync(path));
    expect(known.length).toBeGreaterThan(0);
    const photos = await Promise.all(
      known.map(async (path) => decoder.decode(await readFile(path), { side })),
    );

    const results: { rows: Float32Array[]; found: FoundGarments[] }[] = [];
    for (const open of [
      () => createOnnxEngine({ model: model.runnable, provider: 'cpu', workers: 1 }),
      () => createTensorflowEngine({ model: model.runnable, folder: tensorflowFolder, device: 'any' }),
    ]) {
      const engine: Engine = await open();
      const finder = createGarmentFinder({ engine, model });
      const rows: Float32Array[] = [];
      const found: FoundGarments[] = [];
      for (const photo of photos) {
        rows.push((await engine.run([photo]))[0]!.embedding);
        found.push(await finder.find(photo));
      }
      await finder.close();
      results.push({ rows, found });
    }
    const [onnx, tensorflow] = results;
    onnx!.rows.forEach((row, n) => {
      const other = tensorflow!.rows[n]!;
      const furthest = row.reduce((most, value, at) => Math.max(most, Math.abs(value - other[at]!)), 0);
      expect(furthest).toBeLessThan(0.01);
    });
    onnx!.found.forEach(({ garments, productProbability }, n) => {
      const other = tensorflow!.found[n]!;
      expect(other.productProbability).toBeCloseTo(productProbability, 2);
      expect(other.garments.map(({ kind }) => kind)).toEqual(garments.map(({ kind }) => kind));
      garments.forEach(({ box }, place) => {
        box.forEach((edge, at) => {
          expect(Math.abs(edge - other.garments[place]!.box[at]!)).toBeLessThanOrEqual(4 / side);
        });
      });
    });
  },
  180_000,
);
