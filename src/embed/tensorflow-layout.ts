/** How weights lie in memory, and back. */

import type * as tfjs from '@tensorflow/tfjs-core';
import type { OnnxTensor } from './onnx-tensor.ts';
import type { Tf } from './tensorflow-context.ts';

/**
 * How a weight lies in memory, against how ONNX writes it. `convolution`: OIHW as HWIO; `depthwise`: [c * m, 1, h, w] as [h, w, c, m];
 * `transposed`: [out, in] as [in, out]; `channels`: [1, c, 1, 1] or [c, 1, 1] as [c]; `plain`: the same.
 */
export type Layout =
  | { readonly kind: 'convolution' | 'transposed' | 'channels' | 'plain' }
  | { readonly kind: 'depthwise'; readonly channels: number };

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

/** In the order in which the file holds it, of these dimensions. */
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
