/** Loads TensorFlow's native addon: the one that `npm run setup:tensorflow` has built, or else one installed by npm. */

import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { KernelBackend } from '@tensorflow/tfjs-core';
import { messageOf, OperatorError } from '../util/errors.ts';
import type { Tf } from './tensorflow-context.ts';

export interface TensorflowRuntime {
  readonly tf: Tf;
  /** `gpu`, `cpu`, or the name of another backend. */
  readonly device: string;
}

const PACKAGE = '@tensorflow/tfjs-node-gpu';

/**
 * Call it once per process: the addon has global state without a lock.
 * @param folder of the installation.
 * @throws {OperatorError} when TensorFlow is not installed or does not load.
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

/** tfjs-node 4.22 calls functions that Node 23 removed from `node:util`; the fix was never released (tensorflow/tfjs issue 8425). */
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
