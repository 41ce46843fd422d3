/** What TensorFlow's native code is told by the environment. */

import { setNativeVariables } from '../config/config.ts';

/**
 * Memory of the card is taken as it is needed, not whole; and TensorFlow's own log says nothing below errors.
 * Call it in the main thread before the addon is loaded anywhere: a worker's variables do not reach native code.
 */
export function setTensorflowVariables(): void {
  setNativeVariables({ TF_FORCE_GPU_ALLOW_GROWTH: 'true', TF_CPP_MIN_LOG_LEVEL: '2' });
}
