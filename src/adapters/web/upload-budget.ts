/** Bounds the memory that uploads in progress may take together. */

import { BusyError } from '../../util/errors.ts';

export interface UploadBudget {
  /**
   * Sets bytes aside until the returned function is called.
   * @throws {BusyError} when they are not free.
   */
  reserve(bytes: number): () => void;
}

/**
 * @param capacity bytes; a single upload larger than this is let in when nothing else is in progress.
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
