import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { beforeAll, describe, expect, it } from 'vitest';
import type { OnnxModel } from '../../src/embed/onnx-file.ts';
import { createNetwork } from '../../src/embed/tensorflow-network.ts';
import { OperatorError } from '../../src/util/errors.ts';
import { normalNumbers, type OnnxBuilder, onnxBuilder, runInOnnxruntime } from './build-onnx.ts';
import { loadRuntime } from './javascript-runtime.ts';

beforeAll(() => loadRuntime());

/** Two pictures of seven channels, 9 by 8. */
const DIMS = [2, 6, 9, 8] as const;

type Build = (builder: OnnxBuilder) => string;

const pads = (...values: readonly number[]): { pads: readonly number[] } => ({ pads: values });
const convolution =
  (
    out: number,
    inGroup: number,
    side: number,
    attributes: Record<string, number | readonly number[]>,
  ): Build =>
  (builder) =>
    builder.node(
      'Conv',
      ['x', builder.weight([out, inGroup, side, side], 0.3), builder.weight([out])],
      attributes,
    );

const CASES: Readonly<Record<string, Build>> = {
  'Conv without padding': convolution(4, 6, 3, {}),
  'Conv with padding like "same"': convolution(4, 6, 3, pads(1, 1, 1, 1)),
  'Conv with a stride and padding on both sides': convolution(4, 6, 3, {
    strides: [2, 2],
    ...pads(1, 1, 1, 1),
  }),
  'Conv with a stride and padding at the end only': convolution(4, 6, 3, {
    strides: [2, 2],
    ...pads(0, 0, 1, 1),
  }),
  'Conv with uneven padding': convolution(4, 6, 3, pads(0, 2, 1, 3)),
  'Conv with dilations': convolution(4, 6, 3, { dilations: [2, 2], ...pads(2, 2, 2, 2) }),
  'Conv of one pixel': convolution(5, 6, 1, {}),
  'Conv, depthwise': convolution(6, 1, 5, { group: 6, ...pads(2, 2, 2, 2) }),
  'Conv, depthwise, two kernels a channel and a stride': convolution(12, 1, 3, {
    group: 6,
    strides: [2, 2],
    ...pads(0, 0, 1, 1),
  }),
  'Conv without bias, and Relu': (builder) => {
    const conv = builder.node('Conv', ['x', builder.weight([4, 6, 3, 3], 0.3)]);
    return builder.node('Relu', [conv]);
  },
  'Conv and Clip to six': (builder) => {
    const conv = builder.node('Conv', ['x', builder.weight([4, 6, 3, 3]), builder.weight([4])]);
    return builder.node('Clip', [conv, builder.floats([], [0]), builder.floats([], [6])]);
  },
  'Conv whose result two others read': (builder) => {
    const conv = builder.node('Conv', ['x', builder.weight([6, 6, 1, 1])]);
    return builder.node('Add', [builder.node('Relu', [conv]), conv]);
  },
  BatchNormalization: (builder) =>
    builder.node(
      'BatchNormalization',
      ['x', builder.weight([6]), builder.weight([6]), builder.weight([6]), builder.weight([6], 0.1, 1)],
      { epsilon: { float: 0.001 } },
    ),
  'Clip to other bounds': (builder) => builder.node('Clip', ['x', builder.floats([], [-0.5])]),
  'MaxPool with padding on both sides': (builder) =>
    builder.node('MaxPool', ['x'], { kernel_shape: [3, 3], strides: [2, 2], ...pads(1, 1, 1, 1) }),
  MaxPool: (builder) => builder.node('MaxPool', ['x'], { kernel_shape: [2, 3], strides: [2, 1] }),
  AveragePool: (builder) => builder.node('AveragePool', ['x'], { kernel_shape: [3, 2] }),
  'AveragePool that leaves its padding out': (builder) =>
    builder.node('AveragePool', ['x'], { kernel_shape: [3, 3], ...pads(1, 1, 1, 1) }),
  'AveragePool that counts its padding': (builder) =>
    builder.node('AveragePool', ['x'], { kernel_shape: [3, 3], count_include_pad: 1, ...pads(0, 2, 1, 1) }),
  GlobalMaxPool: (builder) => builder.node('GlobalMaxPool', ['x']),
  'ReduceMean of a picture': (builder) => builder.node('ReduceMean', ['x'], { axes: [-1, 2], keepdims: 0 }),
  'Flatten of a picture': (builder) => builder.node('Flatten', ['x']),
  'Reshape of a picture': (builder) => builder.node('Reshape', ['x', builder.integers([0, -1])]),
  'Concat of channels': (builder) =>
    builder.node('Concat', ['x', builder.node('Sigmoid', ['x'])], { axis: 1 }),
  'Mul and Add with a number a channel': (builder) =>
    builder.node('Add', [
      builder.weight([6, 1, 1]),
      builder.node('Mul', ['x', builder.weight([1, 6, 1, 1])]),
    ]),
  'Sub, Div and a scalar': (builder) =>
    builder.node('Div', [builder.node('Sub', ['x', builder.floats([], [3])]), builder.floats([1], [0.7])]),
  'HardSwish, Identity, Dropout': (builder) =>
    builder.node('HardSwish', [builder.node('Dropout', [builder.node('Identity', ['x'])])]),
  'a head: pooling, Gemm, normalisation, Softmax': (builder) => {
    const pooled = builder.node('Flatten', [builder.node('GlobalAveragePool', ['x'])]);
    const dense = builder.node('Gemm', [pooled, builder.weight([5, 6]), builder.weight([5])], {
      transB: 1,
      alpha: { float: 0.5 },
      beta: { float: 2 },
    });
    const unit = builder.node('LpNormalization', [dense], { axis: 1 });
    return builder.node('Softmax', [builder.node('MatMul', [unit, builder.weight([5, 3], 4)])]);
  },
};

describe('a network of tfjs operations', () => {
  for (const [name, build] of Object.entries(CASES)) {
    it(`computes the same as onnxruntime: ${name}`, async () => {
      const builder = onnxBuilder(3);
      const model = builder.build(build(builder), DIMS);
      const x = picture(5);
      const expected = await runInOnnxruntime(model, x, DIMS);
      const got = await runHere(model, x);
      expect(got.dims).toEqual(expected.dims);
      expect(furthest(got.data, expected.data)).toBeLessThan(1e-4);
    });
  }

  it('names all unknown operators, and those that it supports', () => {
    const builder = onnxBuilder();
    const model = builder.build(builder.node('Einsum', [builder.node('LSTM', ['x'])]), DIMS);
    const create = (): unknown => createNetwork({ tf, model });
    expect(create).toThrow(OperatorError);
    expect(create).toThrow(/no operator LSTM, Einsum, which the model uses.*Conv/);
  });

  it('names the node and the unsupported use of an operator, and frees its memory', () => {
    const builder = onnxBuilder();
    const conv = builder.node('Conv', ['x', builder.weight([6, 3, 3, 3])], { group: 2 });
    const model = builder.build(builder.node('Relu', [conv]), DIMS);
    const before = tf.memory().numTensors;
    expect(() => createNetwork({ tf, model })).toThrow(/Conv with 2 groups of 3 channels \(node "Conv0"/);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('computes the same in two parts as in one', async () => {
    const builder = onnxBuilder(4);
    const middle = builder.node('Conv', ['x', builder.weight([4, 6, 3, 3])]);
    const model = builder.build(builder.node('Flatten', [builder.node('Relu', [middle])]), DIMS);
    const x = picture(6);
    const whole = await runHere(model, x);
    const first = createNetwork({ tf, model, outputs: [middle] });
    const second = createNetwork({ tf, model, input: middle });
    expect([...first.weights.keys()]).toEqual(['w0']);
    expect(second.weights.size).toBe(0);
    const result = tf.tidy(() => second.run(first.run(channelsLast(x))[0]!)[0]!);
    expect(furthest(await result.data<'float32'>(), whole.data)).toBeLessThan(1e-6);
  });

  it('exports its weights in the order of the file', () => {
    const builder = onnxBuilder(8);
    const depthwise = builder.node('Conv', ['x', builder.weight([12, 1, 3, 3])], { group: 6 });
    const conv = builder.node('Conv', [depthwise, builder.weight([4, 12, 2, 2]), builder.weight([4])]);
    const scaled = builder.node('Mul', [conv, builder.weight([4, 1, 1])]);
    const pooled = builder.node('Flatten', [builder.node('GlobalAveragePool', [scaled])]);
    const model = builder.build(builder.node('Gemm', [pooled, builder.weight([3, 4])], { transB: 1 }), DIMS);
    const network = createNetwork({ tf, model });
    expect(network.weights.size).toBe(5);
    for (const [name, { data }] of model.initialisers) expect(network.exportWeight(name)).toEqual(data);
    network.dispose();
  });

  it('has the same gradients as finite differences', async () => {
    const builder = onnxBuilder(9);
    const first = builder.node('Conv', ['x', builder.weight([4, 6, 3, 3], 0.2), builder.weight([4])], {
      strides: [2, 2],
      ...pads(1, 1, 1, 1),
    });
    const normal = builder.node('BatchNormalization', [
      first,
      builder.weight([4], 0.2, 1),
      builder.weight([4]),
      builder.weight([4]),
      builder.weight([4], 0.1, 1),
    ]);
    // Sigmoid, because finite differences are meaningless across the kink of Relu.
    const depthwise = builder.node(
      'Conv',
      [builder.node('Sigmoid', [normal]), builder.weight([4, 1, 3, 3], 0.5)],
      {
        group: 4,
        ...pads(1, 1, 1, 1),
      },
    );
    const clipped = builder.node('Clip', [depthwise, builder.floats([], [0]), builder.floats([], [6])]);
    const sum = builder.node('Add', [clipped, normal]);
    const pooled = builder.node('Flatten', [builder.node('GlobalAveragePool', [sum])]);
    const dense = builder.node('Gemm', [pooled, builder.weight([5, 4]), builder.weight([5])], { transB: 1 });
    const model = builder.build(builder.node('LpNormalization', [dense], { axis: 1 }), DIMS);

    const network = createNetwork({ tf, model, trainable: () => true });
    const x = channelsLast(picture(7));
    const target = tf.tensor2d(Array.from({ length: 10 }, normalNumbers(10)), [2, 5]);
    const loss = (): tf.Scalar => tf.sum(tf.mul(network.run(x, { training: true })[0]!, target));
    const { grads } = tf.variableGrads(loss);

    const trained = [...network.weights.values()].filter(({ variable }) => variable.trainable);
    // Training does not change the statistics of batch normalisation.
    expect(trained.map(({ name }) => name)).toEqual(['w0', 'w1', 'w2', 'w3', 'w6', 'w9', 'w10']);
    for (const { name, variable } of trained) {
      const gradient = await grads[variable.name]!.data<'float32'>();
      const values = Float32Array.from(await variable.data<'float32'>());
      const norm = Math.hypot(...gradient) / Math.sqrt(gradient.length);
      for (const at of new Set([0, Math.floor(values.length / 2), values.length - 1])) {
        const difference = await centralDifference(variable, values, at, loss);
        expect(Math.abs(difference - gradient[at]!), `${name}[${at}]`).toBeLessThan(0.02 * norm + 5e-4);
      }
    }
  });

  it('leaks no tensor in any run, and none after it is disposed', () => {
    const before = tf.memory().numTensors;
    const builder = onnxBuilder(2);
    const conv = builder.node(
      'Conv',
      ['x', builder.weight([6, 6, 3, 3]), builder.weight([6])],
      pads(1, 1, 1, 1),
    );
    const model = builder.build(builder.node('Add', [builder.node('Relu', [conv]), 'x']), [1, 6, 4, 4]);
    const network = createNetwork({ tf, model });
    const x = tf.ones([1, 4, 4, 6]);
    const loaded = tf.memory().numTensors;
    for (let n = 0; n < 1000; n++) for (const output of network.run(x)) output.dispose();
    expect(tf.memory().numTensors).toBe(loaded);
    expect(x.isDisposed).toBe(false);
    x.dispose();
    network.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

// --- Internal helpers ---

function picture(seed: number): Float32Array {
  return Float32Array.from({ length: DIMS.reduce((size, length) => size * length, 1) }, normalNumbers(seed));
}

/** From ONNX's order to that of the network. */
function channelsLast(x: Float32Array): tf.Tensor {
  return tf.tidy(() => tf.transpose(tf.tensor(x, [...DIMS]), [0, 2, 3, 1]));
}

/** The first output, in ONNX's order. */
async function runHere(model: OnnxModel, x: Float32Array): Promise<{ data: Float32Array; dims: number[] }> {
  const network = createNetwork({ tf, model });
  const result = tf.tidy(() => {
    const [output] = network.run(channelsLast(x));
    return output!.rank === 4 ? tf.transpose(output!, [0, 3, 1, 2]) : output!;
  });
  network.dispose();
  return { data: await result.data<'float32'>(), dims: result.shape };
}

function furthest(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, n) => Math.max(most, Math.abs(value - (b[n] ?? NaN))), 0);
}

async function centralDifference(
  variable: tf.Variable,
  values: Float32Array,
  at: number,
  loss: () => tf.Scalar,
): Promise<number> {
  const step = 0.01;
  const lossAt = async (value: number): Promise<number> => {
    variable.assign(tf.tensor(values.with(at, value), variable.shape));
    return (await tf.tidy(loss).data())[0]!;
  };
  const difference = ((await lossAt(values[at]! + step)) - (await lossAt(values[at]! - step))) / (2 * step);
  variable.assign(tf.tensor(values, variable.shape));
  return difference;
}
