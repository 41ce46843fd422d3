/** Loads TensorFlow's native addon: the one that `npm run setup:tensorflow` has built, else one that npm has installed. */

import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { KernelBackend } from '@tensorflow/tfjs-core';
import { messageOf, OperatorError } from '../util/errors.ts';
import type { Tf } from './tensorflow-context.ts';

export interface TensorflowRuntime {
  readonly tf: Tf;
  /** What it computes on: `gpu`, `cpu`, or another backend's name. */
  readonly device: string;
}

const PACKAGE = '@tensorflow/tfjs-node-gpu';

/**
 * Call it once in a process: the addon keeps unlocked global state.
 * @param folder of the installation.
 * @throws {OperatorError} when there is none, or one that does not load.
 */
export function loadRuntime(folder: string): Promise<TensorflowRuntime> {
  restoreNodeUtil();
  const reasons: string[] = [];
  for (const place of [join(folder, 'package.json'), import.meta.url]) {
    try {
      const tf = createRequire(place)(PACKAGE) as Tf;
      const { isUsingGpuDevice } = tf.backend() as KernelBackend & { isUsingGpuDevice: boolean };
      return Promise.resolve({ tf, device: isUsingGpuDevice ? 'gpu' : 'cpu' });
    } catch (error) {
      if (!isMissing(error)) reasons.push(messageOf(error).split('\n')[0] ?? '');
    }
  }
  const reason = reasons[0] ?? `TensorFlow is not installed in ${folder}`;
  return Promise.reject(new OperatorError(`${reason}. Install it with: npm run setup:tensorflow`));
}

// --- Internal helpers ---

/** tfjs-node 4.22 calls what Node 23 took out of `node:util`; its fix was never released (tensorflow/tfjs issue 8425). */
function restoreNodeUtil(): void {
  const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>;
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}

function isMissing(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    error.code === 'MODULE_NOT_FOUND' &&
    error.message.includes(PACKAGE)
  );
}
