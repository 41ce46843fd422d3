/** How often each class was taken for each other one. */

export interface Confusion {
  readonly classes: readonly string[];
  /** `[true * classes + answered]`. */
  readonly counts: Uint32Array;
}

/** @param targets -1: not known, not counted. */
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
