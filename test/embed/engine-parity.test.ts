import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Engine } from '../../src/embed/engine.ts';
import { createOnnxEngine } from '../../src/embed/onnx-engine.ts';
import { createTensorflowEngine } from '../../src/embed/tensorflow-engine.ts';
import { createPhotoDecoder } from '../../src/photo/decode-photo.ts';
import { cosine } from '../../scripts/statistics.ts';
import { builtProgram } from '../build-programs.ts';
import { hasShared, sharedPath } from '../shared-data.ts';
import { assetsFolder, shippedModel } from '../shipped-model.ts';
import { hasNativeTensorflow, tensorflowFolder } from './native-tensorflow.ts';

/** Real photos if available, else catalogue pictures. */
const photos = await decoded(
  hasShared ? sharedPath('photos') : join(assetsFolder, 'demo-inventory', 'images'),
  12,
);
const expected = await embeddings(
  await createOnnxEngine({ model: shippedModel, provider: 'cpu', workers: 1 }),
  photos,
);

const local = (name: string): URL => pathToFileURL(builtProgram(`test/embed/${name}-runtime.ts`));
/** Plain JavaScript takes more than a second per photo. */
const BACKENDS = [
  { name: 'wasm', count: 12, folder: '/nowhere', runtime: local('wasm') },
  { name: 'plain JavaScript', count: 1, folder: '/nowhere', runtime: local('javascript') },
  ...(hasNativeTensorflow ? [{ name: 'the native addon', count: 12, folder: tensorflowFolder }] : []),
];

describe('the engines agree on the same photos, so the fingerprint does not include the engine', () => {
  for (const { name, count, ...options } of BACKENDS) {
    it(`tensorflow on ${name} and onnxruntime: cosine at least 0.9999`, async () => {
      const engine = await createTensorflowEngine({ model: shippedModel, device: 'any', ...options });
      const got = await embeddings(engine, photos.slice(0, count));
      expect(got.length).toBeGreaterThanOrEqual(1);
      for (const [n, embedding] of got.entries())
        expect(cosine(embedding, expected[n]!)).toBeGreaterThan(0.9999);
    }, 120_000);
  }
});

// --- Internal helpers ---

async function decoded(folder: string, count: number): Promise<Uint8Array[]> {
  const decoder = createPhotoDecoder();
  const names = (await readdir(folder)).filter((name) => /\.jpe?g$/.test(name)).sort();
  const { side } = shippedModel.manifest.input;
  return Promise.all(
    names.slice(0, count).map(async (name) => decoder.decode(await readFile(join(folder, name)), { side })),
  );
}

async function embeddings(engine: Engine, pictures: readonly Uint8Array[]): Promise<Float32Array[]> {
  const results: Float32Array[] = [];
  for (let start = 0; start < pictures.length; start += engine.maxBatch) {
    const batch = await engine.run(pictures.slice(start, start + engine.maxBatch));
    results.push(...batch.map(({ embedding }) => embedding));
  }
  await engine.close();
  return results;
}
