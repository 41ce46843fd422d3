/** Gradients as single TensorFlow operations, where tfjs composes several that each pass over the memory. */

import type * as tfjs from '@tensorflow/tfjs-core';
import type { Tf } from '../../src/embed/tensorflow-context.ts';

/** What the backend of the native addon offers beyond tfjs. */
interface NativeBackend {
  readonly binding: { readonly TF_ATTR_TYPE: number; readonly TF_FLOAT: number };
  executeSingleOutput(
    operation: string,
    attributes: readonly { readonly name: string; readonly type: number; readonly value: number }[],
    inputs: readonly tfjs.Tensor[],
  ): tfjs.Tensor;
}

/** For the whole process; does nothing on other backends. */
export function useNativeGradients(tf: Tf): void {
  if (tf.getBackend() !== 'tensorflow') return;
  const backend = tf.backend() as unknown as NativeBackend;
  const { binding } = backend;
  const float = { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
  for (const [kernelName, operation] of [
    ['Relu', 'ReluGrad'],
    ['Relu6', 'Relu6Grad'],
  ] as const) {
    tf.unregisterGradient(kernelName);
    tf.registerGradient({
      kernelName,
      outputsToSave: [true], // the output is enough, so the input need not be kept
      gradFunc: (dy, [y]) => ({
        x: () => backend.executeSingleOutput(operation, [float], [dy as tfjs.Tensor, y!]),
      }),
    });
  }
}
