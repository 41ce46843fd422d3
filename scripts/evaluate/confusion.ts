/** Counts how often each class was predicted as each other class. */

export interface Confusion {
  readonly classes: readonly string[];
  /** `[actual * classes + predicted]`. */
  readonly counts: Uint32Array;
}

/** @param targets -1: unknown, not counted. */
export function confusionOf(
  classes: readonly string[],
  predicted: Int32Array,
  targets: Int32Array,
): Confusion {
  const counts = new Uint32Array(classes.length ** 2);
  targets.forEach((target, n) => {
    if (target >= 0) counts[target * classes.length + predicted[n]!]!++;
  });
  return { classes, counts };
}
