/** What each supported ONNX operator is in tfjs operations. Pictures are `[n, height, width, channels]` here, unlike in ONNX. */

import type * as tfjs from '@tensorflow/tfjs-core';
import { OperatorError } from '../errors.ts';
import type { OnnxNode, OnnxTensor } from './onnx-file.ts';

export type Tf = typeof tfjs;

/**
 * How a weight lies in memory, against how ONNX writes it. `convolution`: OIHW as HWIO; `depthwise`: [c * m, 1, h, w] as [h, w, c, m];
 * `transposed`: [out, in] as [in, out]; `channels`: [1, c, 1, 1] or [c, 1, 1] as [c]; `plain`: the same.
 */
export type Layout =
  | { readonly kind: 'convolution' | 'transposed' | 'channels' | 'plain' }
  | { readonly kind: 'depthwise'; readonly channels: number };

/** What an operator may know about its node while the network is put together. */
export interface NodeContext {
  readonly tf: Tf;
  readonly node: OnnxNode;
  readonly opset: number;
  /** The value of an input that never changes; undefined when it is computed or left out. */
  constant(input: number): OnnxTensor | undefined;
  /**
   * Makes an initialiser a weight of the network.
   * @param statistic it is no subject of training (a mean or variance that batch normalisation has gathered).
   */
  weight(input: number, layout: Layout, statistic?: boolean): () => tfjs.Tensor;
  number(attribute: string, fallback: number): number;
  numbers(attribute: string, fallback: readonly number[]): readonly number[];
  text(attribute: string, fallback: string): string;
  /** @throws {OperatorError} naming the node. */
  refuse(what: string): never;
}

/** `inputs` are the computed ones by position; constants are undefined there. */
export type Step = (inputs: readonly (tfjs.Tensor | undefined)[]) => tfjs.Tensor;

export type Activation = 'linear' | 'relu' | 'relu6';

/** By ONNX name. */
export const OPERATORS: Readonly<Record<string, (context: NodeContext) => Step>> = {
  Add: binary('add'),
  AveragePool: pool('avg'),
  BatchNormalization: batchNormalisation,
  Cast: same,
  Clip: clip,
  Concat: concat,
  Conv: (context) => convolution(context, 'linear'),
  Div: binary('div'),
  Dropout: same,
  Flatten: flatten,
  Gemm: gemm,
  GlobalAveragePool: ({ tf }) => only((x) => tf.mean(x, [1, 2], true)),
  GlobalMaxPool: ({ tf }) => only((x) => tf.max(x, [1, 2], true)),
  HardSwish: ({ tf }) => only((x) => tf.div(tf.mul(x, tf.relu6(tf.add(x, 3))), 6)),
  Identity: same,
  LpNormalization: lpNormalisation,
  MatMul: matMul,
  MaxPool: pool('max'),
  Mul: binary('mul'),
  ReduceMean: reduceMean,
  Relu: ({ tf }) => only((x) => tf.relu(x)),
  Reshape: reshape,
  Sigmoid: ({ tf }) => only((x) => tf.sigmoid(x)),
  Softmax: softmax,
  Sub: binary('sub'),
};

/** The activation that a node is, when a convolution may take it over. */
export function activationOf(context: NodeContext): Activation | undefined {
  if (context.node.operator === 'Relu') return 'relu';
  if (context.node.operator !== 'Clip') return undefined;
  const { low, high } = clipBounds(context);
  return low === 0 && high === 6 ? 'relu6' : undefined;
}

export function convolution(context: NodeContext, activation: Activation): Step {
  const { tf } = context;
  const kernel = context.constant(1)?.dims ?? context.refuse('a computed kernel');
  if (kernel.length !== 4) context.refuse(`a kernel of ${kernel.length} dimensions`);
  const [out = 0, inGroup = 0, height = 0, width = 0] = kernel;
  const group = context.number('group', 1);
  const strides = pair(context.numbers('strides', [1, 1]));
  const dilations = pair(context.numbers('dilations', [1, 1]));
  const window = { size: [height, width] as const, strides, dilations };
  const depthwise = group > 1;
  if (depthwise && inGroup !== 1) context.refuse(`${group} groups of ${inGroup} channels`);
  const layout: Layout = depthwise ? { kind: 'depthwise', channels: group } : { kind: 'convolution' };
  const filter = context.weight(1, layout);
  const bias = context.node.inputs[2] ? context.weight(2, { kind: 'plain' }) : undefined;
  if (out % group !== 0) context.refuse(`${out} kernels in ${group} groups`);

  const pads = padding(context, window);
  const convolve = depthwise ? tf.fused.depthwiseConv2d : tf.fused.conv2d;
  return only((x) => {
    const { input, pad } = pads(x, 0);
    return convolve({
      x: input as tfjs.Tensor4D,
      filter: filter() as tfjs.Tensor4D,
      strides,
      pad,
      dilations,
      ...(bias && { bias: bias() }),
      activation,
    });
  });
}

// --- Internal helpers ---

interface Window {
  readonly size: readonly [number, number];
  readonly strides: [number, number];
  readonly dilations: readonly [number, number];
}

/** TensorFlow has no gradient for explicit padding, so what is not "same" or "valid" is padded before. */
function padding(context: NodeContext, { size, strides, dilations }: Window) {
  const { tf } = context;
  const auto = context.text('auto_pad', 'NOTSET');
  const [top = 0, left = 0, bottom = 0, right = 0] = context.numbers('pads', [0, 0, 0, 0]);
  if (!['NOTSET', 'VALID', 'SAME_UPPER'].includes(auto)) context.refuse(`auto_pad ${auto}`);
  const sides = [
    [top, bottom],
    [left, right],
  ] as const;

  /** What TensorFlow adds before and after one dimension of this length. */
  const same = (length: number, axis: 0 | 1): readonly [number, number] => {
    const reach = (size[axis] - 1) * dilations[axis] + 1;
    const total = Math.max((Math.ceil(length / strides[axis]) - 1) * strides[axis] + reach - length, 0);
    return [Math.floor(total / 2), Math.ceil(total / 2)];
  };
  return (x: tfjs.Tensor, value: number): { input: tfjs.Tensor; pad: 'same' | 'valid' } => {
    if (auto === 'SAME_UPPER') return { input: x, pad: 'same' };
    if (auto === 'VALID' || sides.flat().every((length) => length === 0)) return { input: x, pad: 'valid' };
    const isSame = sides.every(([before, after], axis) => {
      const [first, last] = same(x.shape[axis + 1] ?? 0, axis as 0 | 1);
      return before === first && after === last;
    });
    if (isSame) return { input: x, pad: 'same' };
    return { input: tf.pad(x, [[0, 0], [top, bottom], [left, right], [0, 0]], value), pad: 'valid' }; // prettier-ignore
  };
}

function pool(kind: 'avg' | 'max') {
  return (context: NodeContext): Step => {
    const { tf } = context;
    const size = pair(context.numbers('kernel_shape', []));
    const strides = pair(context.numbers('strides', [1, 1]));
    const dilations = pair(context.numbers('dilations', [1, 1]));
    if (context.number('ceil_mode', 0) !== 0) context.refuse('ceil_mode');
    if (dilations.some((step) => step !== 1)) context.refuse('dilations');
    const pads = padding(context, { size, strides, dilations });
    const countsPadding = context.number('count_include_pad', 0) !== 0;
    return only((x) => {
      const { input, pad } = pads(x, kind === 'max' ? -3.4e38 : 0);
      const isPadded = input !== x || pad === 'same';
      if (kind === 'max') return tf.maxPool(input as tfjs.Tensor4D, size, strides, pad);
      // TensorFlow leaves out its own padding and counts ours.
      if (isPadded && countsPadding !== (input !== x)) {
        context.refuse(`count_include_pad ${countsPadding ? 1 : 0} with such padding`);
      }
      return tf.avgPool(input as tfjs.Tensor4D, size, strides, pad);
    });
  };
}

function batchNormalisation(context: NodeContext): Step {
  const { tf } = context;
  const [scale, offset] = [1, 2].map((input) => context.weight(input, { kind: 'plain' }));
  const [mean, variance] = [3, 4].map((input) => context.weight(input, { kind: 'plain' }, true));
  const epsilon = context.number('epsilon', 1e-5);
  return only((x) => {
    const [m, v, o, s] = [mean, variance, offset, scale].map((weight) => weight?.() as tfjs.Tensor1D);
    return tf.batchNorm(x as tfjs.Tensor4D, m!, v!, o, s, epsilon);
  });
}

function clip(context: NodeContext): Step {
  const { tf } = context;
  const { low, high } = clipBounds(context);
  return only((x) => (low === 0 && high === 6 ? tf.relu6(x) : tf.clipByValue(x, low, high)));
}

function clipBounds(context: NodeContext): { low: number; high: number } {
  const bound = (input: number, attribute: string, none: number): number => {
    if (context.opset < 11) return context.number(attribute, none);
    if (!context.node.inputs[input]) return none;
    return context.constant(input)?.data[0] ?? context.refuse('a computed bound');
  };
  return { low: bound(1, 'min', -3.4e38), high: bound(2, 'max', 3.4e38) };
}

function concat(context: NodeContext): Step {
  const axis = context.number('axis', 1);
  return (inputs) => {
    const all = inputs.map((input) => input ?? context.refuse('a constant'));
    const place = all[0]?.rank === 4 ? placeOfAxis(axis) : axis;
    return context.tf.concat(all, place);
  };
}

function binary(kind: 'add' | 'sub' | 'mul' | 'div') {
  return (context: NodeContext): Step => {
    const { tf } = context;
    const weights = [0, 1].map((input) => {
      const dims = context.constant(input)?.dims;
      if (!dims) return undefined;
      const alongChannels =
        dims.length >= 3 && dims.every((size, axis) => axis === dims.length - 3 || size === 1);
      if (dims.length >= 3 && !alongChannels) context.refuse(`a constant of shape ${dims.join('x')}`);
      return { dims, weight: context.weight(input, { kind: alongChannels ? 'channels' : 'plain' }) };
    });
    return (inputs) => {
      const [left, right] = inputs.map((input, n) => {
        const constant = weights[n];
        const other = inputs[1 - n];
        // A shorter constant would meet the last axis, which is the width in ONNX and the channels here.
        const isMisplaced = other?.rank === 4 && [1, 2].includes(constant?.dims.length ?? 0);
        if (constant && isMisplaced && constant.dims.some((size) => size !== 1)) {
          context.refuse(`a constant of shape ${constant.dims.join('x')} beside a picture`);
        }
        return input ?? constant?.weight() ?? context.refuse('a missing input');
      });
      return tf[kind](left!, right!);
    };
  };
}

function flatten(context: NodeContext): Step {
  const axis = context.number('axis', 1);
  if (axis !== 1) context.refuse(`axis ${axis}`);
  return only((x) => {
    const [count = 1] = x.shape as readonly number[];
    return context.tf.reshape(inOnnxOrder(context.tf, x), [count, x.size / count]);
  });
}

function reshape(context: NodeContext): Step {
  const { tf } = context;
  const wanted = Array.from(context.constant(1)?.data ?? context.refuse('a computed shape'));
  if (wanted.length === 4) context.refuse('a shape of four dimensions');
  return only((x) => {
    const ordered = inOnnxOrder(tf, x);
    return tf.reshape(
      ordered,
      wanted.map((size, axis) => (size === 0 ? (ordered.shape[axis] ?? 0) : size)),
    );
  });
}

function gemm(context: NodeContext): Step {
  const { tf } = context;
  if (context.number('transA', 0) !== 0) context.refuse('transA');
  if (!context.constant(1)) context.refuse('a computed matrix');
  const [alpha, beta] = [context.number('alpha', 1), context.number('beta', 1)];
  const weight = context.weight(1, { kind: context.number('transB', 0) === 0 ? 'plain' : 'transposed' });
  const bias = context.node.inputs[2] ? context.weight(2, { kind: 'plain' }) : undefined;
  return only((x) => {
    const product = tf.matMul(x, weight());
    const scaled = alpha === 1 ? product : tf.mul(product, alpha);
    if (!bias) return scaled;
    return tf.add(scaled, beta === 1 ? bias() : tf.mul(bias(), beta));
  });
}

function matMul(context: NodeContext): Step {
  const { tf } = context;
  const weight = context.constant(1) ? context.weight(1, { kind: 'plain' }) : undefined;
  return ([a, b]) => {
    if (a?.rank === 4) context.refuse('a product of pictures');
    return tf.matMul(a ?? context.refuse('a constant'), b ?? weight?.() ?? context.refuse('a constant'));
  };
}

function lpNormalisation(context: NodeContext): Step {
  const { tf } = context;
  if (context.number('p', 2) !== 2) context.refuse(`p = ${context.number('p', 2)}`);
  const axis = context.number('axis', -1);
  return only((x) => {
    if (x.rank === 4) context.refuse('a picture');
    const squares = tf.sum(tf.square(x), axis, true);
    return tf.mul(x, tf.rsqrt(tf.maximum(squares, 1e-24))); // a vector of zeros stays one
  });
}

function reduceMean(context: NodeContext): Step {
  const { tf } = context;
  const axes = context.constant(1)?.data ?? context.numbers('axes', []);
  const keep = context.number('keepdims', 1) !== 0;
  return only((x) => {
    const places = Array.from(axes, (axis) => (axis < 0 ? axis + x.rank : axis)).sort((a, b) => a - b);
    if (x.rank !== 4) return tf.mean(x, places.length ? places : undefined, keep);
    if (places.join() !== '2,3') context.refuse(`axes ${places.join()} of a picture`);
    return tf.mean(x, [1, 2], keep);
  });
}

function softmax(context: NodeContext): Step {
  const axis = context.number('axis', context.opset < 13 ? 1 : -1);
  return only((x) => {
    if (x.rank !== 2 || (axis !== 1 && axis !== -1)) context.refuse(`axis ${axis} of ${x.rank} dimensions`);
    return context.tf.softmax(x);
  });
}

function same(): Step {
  return only((x) => x.clone());
}

/** A step on the first input, which must be computed. */
function only(step: (x: tfjs.Tensor) => tfjs.Tensor): Step {
  return ([x]) => {
    if (!x)
      throw new OperatorError('An operator of the model has a constant where a computed input was expected.');
    return step(x);
  };
}

/** ONNX's axis of a picture, here. */
function placeOfAxis(axis: number): number {
  return [0, 3, 1, 2].at(axis) ?? axis;
}

function inOnnxOrder(tf: Tf, x: tfjs.Tensor): tfjs.Tensor {
  const isPicture = x.rank === 4 && (x.shape[1] !== 1 || x.shape[2] !== 1);
  return isPicture ? tf.transpose(x, [0, 3, 1, 2]) : x;
}

function pair(numbers: readonly number[]): [number, number] {
  return [numbers[0] ?? 1, numbers[1] ?? 1];
}
