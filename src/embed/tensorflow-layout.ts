/** Weights of a network: from the order in which ONNX stores them to the one in which TensorFlow computes, and back. */

import type * as tfjs from '@tensorflow/tfjs-core';
import type { OnnxTensor } from './onnx-tensor.ts';

type Tf = typeof tfjs;

/**
 * How a weight is stored in memory, compared with ONNX. `convolution`: OIHW as HWIO; `depthwise`: [c * m, 1, h, w] as [h, w, c, m];
 * `transposed`: [out, in] as [in, out]; `channels`: [1, c, 1, 1] or [c, 1, 1] as [c]; `plain`: unchanged.
 */
export type Layout =
  | { readonly kind: 'convolution' | 'transposed' | 'channels' | 'plain' }
  | { readonly kind: 'depthwise'; readonly channels: number };

export interface Weight {
  /** Name of the initialiser in the file. */
  readonly name: string;
  readonly variable: tfjs.Variable;
  readonly layout: Layout;
  /** Shape in the file. */
  readonly dims: readonly number[];
}

export function toLayout(tf: Tf, { dims, data }: OnnxTensor, layout: Layout): tfjs.Tensor {
  const values = tf.tensor(Float32Array.from(data), [...dims]);
  const [out = 0, , height = 0, width = 0] = dims;
  switch (layout.kind) {
    case 'convolution':
      return tf.transpose(values, [2, 3, 1, 0]);
    case 'depthwise': {
      const { channels } = layout;
      return tf.transpose(tf.reshape(values, [channels, out / channels, height, width]), [2, 3, 0, 1]);
    }
    case 'transposed':
      return tf.transpose(values);
    case 'channels':
      return tf.reshape(values, [-1]);
    case 'plain':
      return values;
  }
}

/** The weight in the order and shape of the file. @param dims its shape in the file. */
export function fromLayout(
  tf: Tf,
  variable: tfjs.Tensor,
  layout: Layout,
  dims: readonly number[],
): tfjs.Tensor {
  switch (layout.kind) {
    case 'convolution':
      return tf.transpose(variable, [3, 2, 0, 1]);
    case 'depthwise':
      return tf.transpose(variable, [2, 3, 0, 1]);
    case 'transposed':
      return tf.transpose(variable);
    case 'channels':
    case 'plain':
      return tf.reshape(variable, [...dims]);
  }
}
