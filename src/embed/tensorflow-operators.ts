/** The supported ONNX operators as tfjs operations. Pictures are `[n, height, width, channels]` here, unlike in ONNX. */

import type * as tfjs from '@tensorflow/tfjs-core';
import { type NodeContext, only, type Step, type Tf } from './tensorflow-context.ts';
import { type Activation, convolution, pool } from './tensorflow-windows.ts';

/** By ONNX name. */
export const OPERATORS: Readonly<Record<string, (context: NodeContext) => Step>> = {
  Add: binary('add'),
  AveragePool: pool('avg'),
  BatchNormalization: batchNormalisation,
  Cast: identity,
  Clip: clip,
  Concat: concat,
  Conv: (context) => convolution(context, 'linear'),
  Div: binary('div'),
  Dropout: identity,
  Flatten: flatten,
  Gemm: gemm,
  GlobalAveragePool: ({ tf }) => only((x) => tf.mean(x, [1, 2], true)),
  GlobalMaxPool: ({ tf }) => only((x) => tf.max(x, [1, 2], true)),
  HardSwish: ({ tf }) => only((x) => tf.div(tf.mul(x, tf.relu6(tf.add(x, 3))), 6)),
  Identity: identity,
  LpNormalization: lpNormalisation,
  MatMul: matMul,
  MaxPool: pool('max'),
  Mul: binary('mul'),
  ReduceMean: reduceMean,
  Relu: ({ tf }) => only((x) => tf.relu(x)),
  Reshape: reshape,
  Resize: resize,
  Sigmoid: ({ tf }) => only((x) => tf.sigmoid(x)),
  Softmax: softmax,
  Sub: binary('sub'),
};

/** The activation of a node that can become part of a convolution; undefined for any other node. */
export function activationOf(context: NodeContext): Activation | undefined {
  if (context.node.operator === 'Relu') return 'relu';
  if (context.node.operator !== 'Clip') return undefined;
  const { low, high } = clipBounds(context);
  return low === 0 && high === 6 ? 'relu6' : undefined;
}

// --- Internal helpers ---

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
    const ownAxis = all[0]?.rank === 4 ? pictureAxis(axis) : axis;
    return context.tf.concat(all, ownAxis);
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
        // A shorter constant is broadcast along the last axis, which is the width in ONNX and the channels here.
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

/** Each pixel becomes a square of pixels. Its gradient is the sum over that square, in one pass over the memory. */
function resize(context: NodeContext): Step {
  const { tf } = context;
  const isPlain =
    context.text('mode', 'nearest') === 'nearest' &&
    context.text('coordinate_transformation_mode', 'half_pixel') === 'asymmetric' &&
    context.text('nearest_mode', 'round_prefer_floor') === 'floor';
  if (!isPlain) context.refuse('a mode other than nearest, asymmetric, floor');
  const [count, channels, down = 0, across = 0] =
    context.constant(2)?.data ?? context.refuse('computed scales');
  if (count !== 1 || channels !== 1 || !Number.isInteger(down) || !Number.isInteger(across)) {
    context.refuse('scales that are not whole, or not of height and width alone');
  }
  const size: [number, number] = [down, across];
  const enlarge = tf.customGrad((x) => {
    const picture = x as tfjs.Tensor4D;
    const [, height, width] = picture.shape;
    return {
      value: tf.image.resizeNearestNeighbor(picture, [height * down, width * across]),
      gradFunc: (dy: tfjs.Tensor) =>
        tf.mul(tf.avgPool(dy as tfjs.Tensor4D, size, size, 'valid'), down * across),
    };
  });
  return only((x) => (x.rank === 4 ? enlarge(x) : context.refuse(`${x.rank} dimensions`)));
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
    return tf.mul(x, tf.rsqrt(tf.maximum(squares, 1e-24))); // keeps a vector of zeros
  });
}

function reduceMean(context: NodeContext): Step {
  const { tf } = context;
  const axes = context.constant(1)?.data ?? context.numbers('axes', []);
  const keep = context.number('keepdims', 1) !== 0;
  return only((x) => {
    const sorted = Array.from(axes, (axis) => (axis < 0 ? axis + x.rank : axis)).sort((a, b) => a - b);
    if (x.rank !== 4) return tf.mean(x, sorted.length ? sorted : undefined, keep);
    if (sorted.join() !== '2,3') context.refuse(`axes ${sorted.join()} of a picture`);
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

function identity(): Step {
  return only((x) => x.clone());
}

/** Translates ONNX's axis of a picture to ours. */
function pictureAxis(axis: number): number {
  return [0, 3, 1, 2].at(axis) ?? axis;
}

function inOnnxOrder(tf: Tf, x: tfjs.Tensor): tfjs.Tensor {
  const isPicture = x.rank === 4 && (x.shape[1] !== 1 || x.shape[2] !== 1);
  return isPicture ? tf.transpose(x, [0, 3, 1, 2]) : x;
}
