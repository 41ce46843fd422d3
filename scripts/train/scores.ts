/** Accuracy and F1 of classifiers. */

export interface ClassScores {
  /** Share of right predictions, 0 to 1. */
  readonly accuracy: number;
  /** Mean F1, the harmonic mean of precision and recall, over the classes that occur. */
  readonly macroF1: number;
  /** How many predictions were scored. */
  readonly count: number;
}

/** The class with the highest score of each row. @param scores `[rows, classes]`. */
export function bestClasses(scores: Float32Array, classes: number): Int32Array {
  return Int32Array.from({ length: scores.length / classes }, (_, row) => {
    let best = 0;
    for (let n = 1; n < classes; n++) {
      if (scores[row * classes + n]! > scores[row * classes + best]!) best = n;
    }
    return best;
  });
}

/** The product of two row-major matrices, `[rows, inner]` and `[inner, classes]`. */
export function multiply(
  rows: Float32Array,
  columns: Float32Array,
  inner: number,
  classes: number,
): Float32Array {
  const count = rows.length / inner;
  const result = new Float32Array(count * classes);
  for (let row = 0; row < count; row++) {
    for (let k = 0; k < inner; k++) {
      const value = rows[row * inner + k]!;
      for (let n = 0; n < classes; n++) result[row * classes + n]! += value * columns[k * classes + n]!;
    }
  }
  return result;
}

/** @param targets -1: unknown, not counted. */
export function scoreClasses(predicted: Int32Array, targets: Int32Array, classes: number): ClassScores {
  const [hits, actual, predictions] = [0, 1, 2].map(() => new Uint32Array(classes)) as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ];
  let [right, count] = [0, 0];
  targets.forEach((target, n) => {
    if (target < 0) return;
    const answer = predicted[n]!;
    count++;
    actual[target]!++;
    predictions[answer]!++;
    if (answer !== target) return;
    right++;
    hits[target]!++;
  });
  const scores = Array.from(
    { length: classes },
    (_, n) => (2 * hits[n]!) / (actual[n]! + predictions[n]!),
  ).filter((_, n) => actual[n]! > 0);
  const sum = scores.reduce((total, score) => total + score, 0);
  return { accuracy: right / Math.max(1, count), macroF1: sum / Math.max(1, scores.length), count };
}
