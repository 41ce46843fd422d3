/** How many pictures a network can take at once. */

export interface BatchSizeOptions {
  /** Memory of the device that is free once the weights are there. */
  readonly freeBytes: number;
  /** The most that one picture needs at any moment. */
  readonly bytesPerPicture: number;
  /** From here on more gain nothing. */
  readonly most: number;
}

/** Convolutions take scratch memory of the size of their inputs, twice at most. */
const SCRATCH = 3;
/** The rest is left to others on the same device, and to what memory loses in pieces. */
const SHARE = 0.5;

/** At least 1: a device that cannot take one picture says so itself. */
export function batchSize({ freeBytes, bytesPerPicture, most }: BatchSizeOptions): number {
  const fitting = Math.floor((freeBytes * SHARE) / (Math.max(1, bytesPerPicture) * SCRATCH));
  return Math.max(1, Math.min(most, fitting));
}
