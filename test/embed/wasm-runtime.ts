/** tfjs on WebAssembly, in place of the native addon. */

import * as tf from '@tensorflow/tfjs-core';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { TensorflowRuntime } from '../../src/embed/tensorflow-native.ts';

export async function loadRuntime(): Promise<TensorflowRuntime> {
  setWasmPaths(join(dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')), '/'));
  await tf.setBackend('wasm');
  return { tf, device: tf.getBackend() };
}
