/** Limits the memory of all uploads in progress. */

import { BusyError } from '../../util/errors.ts';

export interface UploadBudget {
  /**
   * Reserves bytes until the returned function is called.
   * @throws {BusyError} when that many bytes are not free.
   */
  reserve(bytes: number): () => void;
}

/**
 * @param capacity in bytes. A single larger upload is accepted when nothing else is in progress.
 */
export function createUploadBudget(capacity: number): UploadBudget {
  let used = 0;
  return {
    reserve(bytes) {
      if (used > 0 && used + bytes > capacity) {
        throw new BusyError('Too many photos are being sent at this moment. Try again in a few seconds.', 2);
      }
      used += bytes;
      let held = true;
      return () => {
        if (held) used -= bytes;
        held = false;
      };
    },
  };
}
