import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { createNetwork } from '../../src/embed/tensorflow-network.ts';
import { OperatorError } from '../../src/util/errors.ts';
import { normalNumbers, onnxBuilder, runInOnnxruntime } from './build-onnx.ts';
import { loadRuntime } from './javascript-runtime.ts';

beforeAll(() => loadRuntime());

const DIMS = [2, 3, 4, 5] as const;
const STEP = 0.01;

describe('Resize, by which a decoder makes coarse maps as fine as the next ones', () => {
  it('computes what onnxruntime does, twice as high and three times as wide, gated by channel', async () => {
    const model = enlarging([1, 1, 2, 3]);
    const x = numbers(5);
    const expected = await runInOnnxruntime(model, x, DIMS);
    expect(expected.dims).toEqual([2, 3, 8, 15]);
    const network = createNetwork({ tf, model });
    const got = tf.tidy(() => tf.transpose(network.run(channelsLast(x))[0]!, [0, 3, 1, 2]).dataSync());
    network.dispose();
    expect(got.length).toBe(expected.data.length);
    got.forEach((value, n) => {
      expect(value).toBeCloseTo(expected.data[n]!, 5);
    });
  });

  it('has the gradient of finite differences, and leaves no tensor behind', () => {
    const network = createNetwork({ tf, model: enlarging([1, 1, 2, 3]) });
    const weights = tf.randomNormal([2, 8, 15, 3], 0, 1, 'float32', 7);
    const loss = (x: tf.Tensor): tf.Scalar => tf.sum(tf.mul(network.run(x, { training: true })[0]!, weights));
    const values = numbers(9);
    const x = channelsLast(values);
    const gradient = tf.grad(loss)(x);
    const found = gradient.dataSync();
    const flat = x.dataSync<'float32'>();
    for (const at of [0, 17, 58, 119]) {
      const [above, below] = [STEP, -STEP].map((step) =>
        tf.tidy(() => loss(tf.tensor(flat.with(at, flat[at]! + step), x.shape)).dataSync()[0]!),
      );
      expect(found[at]).toBeCloseTo((above! - below!) / (2 * STEP), 2);
    }
    const { numTensors } = tf.memory();
    tf.grad(loss)(x).dispose();
    expect(tf.memory().numTensors).toBe(numTensors);
    tf.dispose([weights, x, gradient]);
    network.dispose();
  });

  it('refuses other ways of enlarging by name', () => {
    expect(() => createNetwork({ tf, model: enlarging([1, 1, 2, 2], { mode: 'linear' }) })).toThrow(
      /does not support Resize with a mode other than nearest, asymmetric, floor/,
    );
    for (const scales of [
      [1, 2, 2, 2],
      [1, 1, 1.5, 2],
    ]) {
      expect(() => createNetwork({ tf, model: enlarging(scales) })).toThrow(OperatorError);
    }
  });
});

// --- Internal helpers ---

/** Enlarges, then multiplies each channel by how much of it there is in the whole picture. */
function enlarging(scales: readonly number[], attributes: Record<string, string> = {}) {
  const builder = onnxBuilder(3);
  const gate = builder.node('Sigmoid', [builder.node('GlobalAveragePool', ['x'])]);
  const enlarged = builder.node('Resize', ['x', '', builder.floats([4], scales)], {
    mode: 'nearest',
    coordinate_transformation_mode: 'asymmetric',
    nearest_mode: 'floor',
    ...attributes,
  });
  return builder.build(builder.node('Mul', [enlarged, gate]), DIMS);
}

function numbers(seed: number): Float32Array {
  return Float32Array.from({ length: DIMS.reduce((size, length) => size * length, 1) }, normalNumbers(seed));
}

/** From ONNX's order to that of the network. */
function channelsLast(x: Float32Array): tf.Tensor {
  return tf.tidy(() => tf.transpose(tf.tensor(x, [...DIMS]), [0, 2, 3, 1]));
}
