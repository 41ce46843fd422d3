import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import sharp from 'sharp';
import { beforeAll, expect, it } from 'vitest';
import { embedBothWays, fitClassifiers } from '../../scripts/model/fit-classifiers.ts';
import type { Classes } from '../../scripts/train/labelled-items.ts';
import { createRandom } from '../../scripts/train/random.ts';
import { bestClasses, multiply } from '../../scripts/train/scores.ts';
import { createPhotoDecoder } from '../../src/photo/decode-photo.ts';
import { onnxBuilder } from '../embed/build-onnx.ts';
import { loadRuntime } from '../embed/javascript-runtime.ts';
import { createColourEmbedder } from '../fakes/colour-embedder.ts';

beforeAll(() => loadRuntime());

const DIMENSION = 32;
const TYPES = ['Bags', 'Caps', 'Shirts'];

/** Unit vectors, each near the axis of its class. */
function vectorsNear(places: readonly number[]): Float32Array {
  const random = createRandom(8);
  const vectors = places.flatMap((place) => {
    const vector = Array.from({ length: DIMENSION }, (_, n) => (n === place ? 1 : 0) + random.normal(0.1));
    const length = Math.hypot(...vector);
    return vector.map((value) => value / length);
  });
  return Float32Array.from(vectors);
}

it('fits directions to embeddings, skips items without a label, and changes nothing else in the model', () => {
  const builder = onnxBuilder(3);
  const pooled = builder.node('Flatten', [builder.node('GlobalAveragePool', ['x'])]);
  const dense = builder.node('Gemm', [pooled, builder.weight([DIMENSION, 3])], { transB: 1 });
  const embedding = builder.node('LpNormalization', [dense], { axis: 1 });
  const model = builder.build(embedding, ['n', 3, 8, 8]);
  const places = Array.from({ length: 600 }, (_, n) => n % 3);
  const vectors = vectorsNear(places);
  const none = new Int32Array(places.length).fill(-1);
  const type = Int32Array.from(places, (place, n) => (n % 10 === 0 ? -1 : place));
  const classes: Classes = { type: TYPES, colour: [], gender: [], usage: [], season: [] };
  const losses: number[] = [];
  const before = tf.memory().numTensors;
  const fitted = fitClassifiers({
    tf,
    model,
    embedding,
    dimension: DIMENSION,
    classes,
    vectors,
    targets: { type, colour: none, gender: none, usage: none, season: none },
    onEpoch: (_, loss) => losses.push(loss),
  });
  expect(tf.memory().numTensors).toBe(before);
  expect(losses.at(-1)).toBeLessThan(losses[0]!);
  expect(fitted.outputs.map(({ name }) => name)).toEqual([embedding, 'label.type']);
  const weights = fitted.initialisers.get('label.type.weight')!.data as Float32Array;
  const predicted = bestClasses(multiply(vectors, weights, DIMENSION, TYPES.length), TYPES.length);
  const right = places.filter((place, n) => predicted[n] === place).length / places.length;
  expect(right).toBeGreaterThan(0.95);
  for (const [name, tensor] of model.initialisers) expect(fitted.initialisers.get(name)).toBe(tensor);
});

it('embeds every picture as an item and as a photo, in their order', async () => {
  const embedder = createColourEmbedder();
  const decoder = createPhotoDecoder();
  const picture = (left: string, right: string): Promise<Buffer> =>
    sharp({ create: { width: 32, height: 64, channels: 3, background: left } })
      .extend({ right: 32, background: right })
      .png()
      .toBuffer();
  const pictures = [await picture('#f00', '#00f'), await picture('#0f0', '#0f0')];
  const progress: (readonly [number, number])[] = [];
  const vectors = await embedBothWays(
    pictures.map((bytes) => () => Promise.resolve(bytes)),
    { embedder, decoder, onProgress: (done, total) => progress.push([done, total]) },
  );
  expect(progress).toEqual([
    [1, 2],
    [2, 2],
  ]);
  const { dimension } = embedder.fingerprint;
  expect(vectors).toHaveLength(4 * dimension);
  const [asItem, asPhoto, plain, plainAsPhoto] = [0, 1, 2, 3].map((row) =>
    vectors.subarray(row * dimension, (row + 1) * dimension),
  );
  const own = await embedder.embed(await decoder.decode(pictures[0]!, embedder.input), { priority: 'bulk' });
  expect([...asItem!]).toEqual([...own]);
  // The mean of a photo and its mirror image has red and blue on both sides.
  expect(Math.abs(asItem![0]! - asItem![3]!)).toBeGreaterThan(0.4);
  expect(asPhoto![0]).toBeCloseTo(asPhoto![3]!, 1);
  expect(Math.hypot(...asPhoto!)).toBeCloseTo(1, 5);
  plain!.forEach((value, n) => {
    expect(value).toBeCloseTo(plainAsPhoto![n]!, 2);
  });
});
