/** Operators with a sliding window: convolutions and pooling. */

import type * as tfjs from '@tensorflow/tfjs-core';
import type { Layout } from './tensorflow-layout.ts';
import { type NodeContext, only, type Step } from './tensorflow-context.ts';

export type Activation = 'linear' | 'relu' | 'relu6';

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

export function pool(kind: 'avg' | 'max') {
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
      // TensorFlow's average leaves out padding that it adds itself, and counts padding that we added.
      if (isPadded && countsPadding !== (input !== x)) {
        context.refuse(`count_include_pad ${countsPadding ? 1 : 0} with such padding`);
      }
      return tf.avgPool(input as tfjs.Tensor4D, size, strides, pad);
    });
  };
}

// --- Internal helpers ---

interface Window {
  readonly size: readonly [number, number];
  readonly strides: [number, number];
  readonly dilations: readonly [number, number];
}

/** TensorFlow has no gradient for explicit padding, so padding other than "same" or "valid" is added beforehand. */
function padding(context: NodeContext, { size, strides, dilations }: Window) {
  const { tf } = context;
  const auto = context.text('auto_pad', 'NOTSET');
  const [top = 0, left = 0, bottom = 0, right = 0] = context.numbers('pads', [0, 0, 0, 0]);
  if (!['NOTSET', 'VALID', 'SAME_UPPER'].includes(auto)) context.refuse(`auto_pad ${auto}`);
  const sides = [
    [top, bottom],
    [left, right],
  ] as const;

  /** The padding that TensorFlow adds before and after a dimension of this length. */
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

function pair(numbers: readonly number[]): [number, number] {
  return [numbers[0] ?? 1, numbers[1] ?? 1];
}
