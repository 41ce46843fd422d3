/** Fits temperatures that calibrate probabilities, and curves of likelihood by cosine. Pure functions. */

/** The temperature that calibrates a classifier best, with the calibration error before and after. */
export interface TemperatureFit {
  /** Divide scores by it. */
  readonly temperature: number;
  /** Expected calibration error over 15 bins before and after, 0 to 1 (Guo et al., On Calibration of Modern Neural Networks, 2017). */
  readonly errorBefore: number;
  readonly errorAfter: number;
}

const BINS = 15;
/** Range in which the best temperature is searched. */
const RANGE = [0.05, 20] as const;

/**
 * Finds the temperature with the highest likelihood.
 * @param scores `[rows, classes]`. @param targets -1: unknown, not counted.
 * @throws {RangeError} when all targets are unknown.
 */
export function fitTemperature(scores: Float32Array, targets: Int32Array, classes: number): TemperatureFit {
  if (targets.every((target) => target < 0))
    throw new RangeError('There is no known target to calibrate with.');
  const loss = (logarithm: number): number => meanLoss(scores, targets, classes, Math.exp(logarithm));
  const temperature = Math.exp(goldenSection(loss, Math.log(RANGE[0]), Math.log(RANGE[1])));
  const error = (at: number): number => calibrationError(scores, targets, classes, at);
  return { temperature, errorBefore: error(1), errorAfter: error(temperature) };
}

/** The probability that a match is right as a function of its cosine: 1 / (1 + exp(-(slope * cosine + offset))). */
export interface LikelihoodCurve {
  readonly slope: number;
  readonly offset: number;
}

/**
 * Logistic regression of one variable, by Newton's method.
 * @throws {RangeError} when all or none are right.
 */
export function fitCurve(cosines: readonly number[], right: readonly boolean[]): LikelihoodCurve {
  const share = right.filter(Boolean).length / right.length;
  if (!(share > 0 && share < 1)) throw new RangeError('A curve needs both right and wrong examples.');
  const mean = cosines.reduce((sum, cosine) => sum + cosine, 0) / cosines.length;
  let [slope, offset] = [0, Math.log(share / (1 - share))];
  for (let round = 0; round < 50; round++) {
    let [g0, g1, h00, h01, h11] = [0, 0, 1e-9, 0, 1e-9];
    cosines.forEach((cosine, n) => {
      const x = cosine - mean;
      const probability = 1 / (1 + Math.exp(-(slope * x + offset)));
      const [miss, weight] = [(right[n] ? 1 : 0) - probability, probability * (1 - probability)];
      g0 += miss;
      g1 += miss * x;
      h00 += weight;
      h01 += weight * x;
      h11 += weight * x * x;
    });
    const determinant = h00 * h11 - h01 * h01;
    const [stepOffset, stepSlope] = [
      (h11 * g0 - h01 * g1) / determinant,
      (h00 * g1 - h01 * g0) / determinant,
    ];
    offset += stepOffset;
    slope += stepSlope;
    if (Math.abs(stepOffset) + Math.abs(stepSlope) < 1e-9) break;
  }
  return { slope, offset: offset - slope * mean };
}

/** The cosine at which the curve reaches a probability. */
export function cosineAt({ slope, offset }: LikelihoodCurve, probability: number): number {
  return (Math.log(probability / (1 - probability)) - offset) / slope;
}

/**
 * The lowest cosine, in steps of 0.001 down from 1, above which at least this share of pairs agree.
 * @param least how many pairs must be above it. @returns 1 when no cosine is high enough.
 */
export function cosineWhere(
  pairs: readonly { readonly cosine: number; readonly agrees: boolean }[],
  share: number,
  least: number,
): number {
  const sorted = [...pairs].sort((a, b) => b.cosine - a.cosine);
  let [found, at, agreeing] = [1, 0, 0];
  for (let thousandths = 999; thousandths >= 800; thousandths--) {
    for (; at < sorted.length && sorted[at]!.cosine >= thousandths / 1000; at++) {
      if (sorted[at]!.agrees) agreeing++;
    }
    if (at < least) continue;
    if (agreeing < share * at) break;
    found = thousandths / 1000;
  }
  return found;
}

// --- Internal helpers ---

/** For each row with a target, the log-probability of the target and the probability of the best class. */
function* probabilities(scores: Float32Array, targets: Int32Array, classes: number, temperature: number) {
  for (const [row, target] of targets.entries()) {
    if (target < 0) continue;
    const own = scores.subarray(row * classes, (row + 1) * classes);
    const best = own.indexOf(own.reduce((most, score) => Math.max(most, score), -Infinity));
    const sum = own.reduce((total, score) => total + Math.exp((score - own[best]!) / temperature), 0);
    const logOfTarget = (own[target]! - own[best]!) / temperature - Math.log(sum);
    yield { logOfTarget, confidence: 1 / sum, right: best === target };
  }
}

function meanLoss(scores: Float32Array, targets: Int32Array, classes: number, temperature: number): number {
  let [sum, count] = [0, 0];
  for (const { logOfTarget } of probabilities(scores, targets, classes, temperature)) {
    sum -= logOfTarget;
    count++;
  }
  return sum / count;
}

function calibrationError(
  scores: Float32Array,
  targets: Int32Array,
  classes: number,
  temperature: number,
): number {
  const bins = Array.from({ length: BINS }, () => ({ confidence: 0, right: 0 }));
  let count = 0;
  for (const { confidence, right } of probabilities(scores, targets, classes, temperature)) {
    const bin = bins[Math.min(BINS - 1, Math.floor(confidence * BINS))]!;
    bin.confidence += confidence;
    bin.right += right ? 1 : 0;
    count++;
  }
  return bins.reduce((sum, bin) => sum + Math.abs(bin.confidence - bin.right), 0) / count;
}

/** Finds the minimum of a function with one valley between `low` and `high`. */
function goldenSection(f: (x: number) => number, low: number, high: number): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [a, b] = [low, high];
  let [x1, x2] = [b - ratio * (b - a), a + ratio * (b - a)];
  let [f1, f2] = [f(x1), f(x2)];
  while (b - a > 1e-3) {
    if (f1 < f2) {
      [b, x2, f2] = [x2, x1, f1];
      x1 = b - ratio * (b - a);
      f1 = f(x1);
    } else {
      [a, x1, f1] = [x1, x2, f2];
      x2 = a + ratio * (b - a);
      f2 = f(x2);
    }
  }
  return (a + b) / 2;
}
