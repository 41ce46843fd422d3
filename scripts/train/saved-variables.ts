/** TensorFlow variables to and from the tensors of a checkpoint. */

import type * as tfjs from '@tensorflow/tfjs-core';
import type { Tf } from '../../src/embed/tensorflow-context.ts';
import { OperatorError } from '../../src/util/errors.ts';
import type { SavedTensor } from './checkpoint.ts';

export async function saveVariables(
  variables: ReadonlyMap<string, tfjs.Variable>,
): Promise<Map<string, SavedTensor>> {
  const saved = new Map<string, SavedTensor>();
  for (const [name, variable] of variables) {
    saved.set(name, { shape: variable.shape, data: Float32Array.from(await variable.data<'float32'>()) });
  }
  return saved;
}

/** @throws {OperatorError} when a tensor is missing or has another shape. */
export function restoreVariables(
  tf: Tf,
  variables: ReadonlyMap<string, tfjs.Variable>,
  tensors: ReadonlyMap<string, SavedTensor>,
): void {
  for (const [name, variable] of variables) {
    const saved = tensors.get(name);
    if (saved?.shape.join() !== variable.shape.join()) {
      throw new OperatorError(
        `The checkpoint has no "${name}" of shape ${variable.shape.join('x')}: it belongs to another model, other labels or other settings. ` +
          'Name another folder with --out, or remove this one.',
      );
    }
    tf.tidy(() => {
      variable.assign(tf.tensor(saved.data, [...saved.shape]));
    });
  }
}
