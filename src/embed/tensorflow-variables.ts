/** Environment variables for TensorFlow's native code. */

import { setNativeVariables } from '../config/config.ts';

/**
 * TensorFlow then allocates GPU memory as needed instead of all at once, and logs errors only.
 * Call it in the main thread before the addon is loaded: native code does not see the variables of a worker.
 */
export function setTensorflowVariables(): void {
  setNativeVariables({ TF_FORCE_GPU_ALLOW_GROWTH: 'true', TF_CPP_MIN_LOG_LEVEL: '2' });
}
