/** Chooses how many pictures a network processes at once. */

export interface BatchSizeOptions {
  /** Free memory of the device once the weights are loaded. */
  readonly freeBytes: number;
  /** Peak memory for one picture. */
  readonly bytesPerPicture: number;
  /** Larger batches than this gain nothing. */
  readonly most: number;
}

/** Convolutions need scratch memory of up to twice the size of their inputs. */
const SCRATCH = 3;
/** Share of the free memory to use. The rest is for other programs on the device and for fragmentation. */
const SHARE = 0.5;

/** At least 1: a device without room for one picture reports that itself. */
export function batchSize({ freeBytes, bytesPerPicture, most }: BatchSizeOptions): number {
  const fitting = Math.floor((freeBytes * SHARE) / (Math.max(1, bytesPerPicture) * SCRATCH));
  return Math.max(1, Math.min(most, fitting));
}
