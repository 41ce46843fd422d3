/** Logistic regression of several variables, by Newton's method. Pure. */

export interface LogisticFit {
  readonly bias: number;
  /** One a variable. */
  readonly weights: readonly number[];
}

const ROUNDS = 50;

/**
 * @param rows the variables of each example.
 * @param right whether each example is one.
 * @param ridge how strongly weights are drawn to zero, so that examples which can be separated without error have finite weights.
 * @throws {RangeError} when all or none are right.
 */
export function fitLogistic(
  rows: readonly (readonly number[])[],
  right: readonly boolean[],
  ridge: number,
): LogisticFit {
  const share = right.filter(Boolean).length / right.length;
  if (!(share > 0 && share < 1)) throw new RangeError('A fit needs both right and wrong examples.');
  const size = rows[0]!.length + 1;
  const coefficients = new Array<number>(size).fill(0);
  coefficients[0] = Math.log(share / (1 - share));
  for (let round = 0; round < ROUNDS; round++) {
    const gradient = coefficients.map((value, n) => (n === 0 ? 0 : -ridge * value));
    const curvature = Array.from({ length: size }, (_, n) =>
      Array.from({ length: size }, (_, m) => (n === m ? (n === 0 ? 1e-9 : ridge) : 0)),
    );
    rows.forEach((row, example) => {
      const x = [1, ...row];
      const score = x.reduce((sum, value, n) => sum + value * coefficients[n]!, 0);
      const probability = 1 / (1 + Math.exp(-score));
      const miss = (right[example] ? 1 : 0) - probability;
      const weight = Math.max(1e-6, probability * (1 - probability));
      for (let n = 0; n < size; n++) {
        gradient[n]! += miss * x[n]!;
        for (let m = 0; m < size; m++) curvature[n]![m]! += weight * x[n]! * x[m]!;
      }
    });
    const step = solve(curvature, gradient);
    step.forEach((value, n) => {
      coefficients[n]! += Math.max(-2, Math.min(2, value)); // Newton's step may go too far at first
    });
    if (step.every((value) => Math.abs(value) < 1e-9)) break;
  }
  const [bias = 0, ...weights] = coefficients;
  return { bias, weights };
}

// --- Internal helpers ---

/** The x of `matrix * x = vector`, by elimination with the largest pivot. Both are used up. */
function solve(matrix: number[][], vector: number[]): number[] {
  const size = vector.length;
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let row = column + 1; row < size; row++) {
      if (Math.abs(matrix[row]![column]!) > Math.abs(matrix[pivot]![column]!)) pivot = row;
    }
    [matrix[column], matrix[pivot]] = [matrix[pivot]!, matrix[column]!];
    [vector[column], vector[pivot]] = [vector[pivot]!, vector[column]!];
    for (let row = column + 1; row < size; row++) {
      const factor = matrix[row]![column]! / matrix[column]![column]!;
      for (let n = column; n < size; n++) matrix[row]![n]! -= factor * matrix[column]![n]!;
      vector[row]! -= factor * vector[column]!;
    }
  }
  const result = new Array<number>(size).fill(0);
  for (let row = size - 1; row >= 0; row--) {
    const known = result.reduce((sum, value, n) => (n > row ? sum + matrix[row]![n]! * value : sum), 0);
    result[row] = (vector[row]! - known) / matrix[row]![row]!;
  }
  return result;
}
