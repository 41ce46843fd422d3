/** tfjs in plain JavaScript, in place of the native addon. */

import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { TensorflowRuntime } from '../../src/embed/tensorflow-native.ts';

export async function loadRuntime(): Promise<TensorflowRuntime> {
  await tf.setBackend('cpu');
  return { tf, device: 'javascript' };
}
