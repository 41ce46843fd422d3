import { describe, expect, it } from 'vitest';
import { cosineAt, cosineWhere, fitCurve, fitTemperature } from '../../../scripts/evaluate/calibration.ts';
import { createRandom } from '../../../scripts/train/random.ts';

describe('a temperature', () => {
  /** Targets drawn from the softmax of scores, which are then multiplied by a factor of overconfidence. */
  function drawn(factor: number) {
    const [rows, classes] = [6000, 4];
    const random = createRandom(11);
    const scores = new Float32Array(rows * classes);
    const targets = Int32Array.from({ length: rows }, (_, row) => {
      const own = Array.from({ length: classes }, () => random.normal(1.5));
      const weights = own.map(Math.exp);
      let left = random() * weights.reduce((sum, weight) => sum + weight, 0);
      scores.set(
        own.map((score) => score * factor),
        row * classes,
      );
      const target = weights.findIndex((weight) => (left -= weight) < 0);
      return target;
    });
    return { scores, targets, classes };
  }

  it('is the factor by which scores are too confident, and removes the calibration error', () => {
    const { scores, targets, classes } = drawn(3);
    const fit = fitTemperature(scores, targets, classes);
    expect(fit.temperature).toBeGreaterThan(2.8);
    expect(fit.temperature).toBeLessThan(3.2);
    expect(fit.errorBefore).toBeGreaterThan(0.1);
    expect(fit.errorAfter).toBeLessThan(0.03);
  });

  it('is below one for scores with too little confidence, and ignores rows without a target', () => {
    const { scores, targets, classes } = drawn(0.5);
    const known = targets.map((target, row) => (row % 3 === 0 ? -1 : target));
    const { temperature } = fitTemperature(scores, known, classes);
    expect(temperature).toBeGreaterThan(0.45);
    expect(temperature).toBeLessThan(0.55);
    expect(() => fitTemperature(scores, targets.fill(-1), classes)).toThrow(RangeError);
  });
});

describe('thresholds', () => {
  it('follow the curve', () => {
    const random = createRandom(5);
    const cosines = Array.from({ length: 5000 }, () => random.between(0.4, 1));
    // Even odds at 0.7, e to the 20 times steeper.
    const right = cosines.map((cosine) => random.chance(1 / (1 + Math.exp(-20 * (cosine - 0.7)))));
    const curve = fitCurve(cosines, right);
    expect(cosineAt(curve, 0.5)).toBeCloseTo(0.7, 1);
    expect(cosineAt(curve, 0.8)).toBeCloseTo(0.7 + Math.log(4) / 20, 1);
    expect(() => fitCurve([0.5, 0.6], [true, true])).toThrow(RangeError);
  });

  it('need enough pairs, of which enough agree', () => {
    const pairs = [
      ...Array.from({ length: 30 }, () => ({ cosine: 0.995, agrees: true })),
      ...Array.from({ length: 30 }, (_, n) => ({ cosine: 0.9702, agrees: n % 2 === 0 })),
    ];
    expect(cosineWhere(pairs, 0.99, 20)).toBe(0.971);
    expect(cosineWhere(pairs, 0.7, 20)).toBe(0.8);
    expect(cosineWhere(pairs.slice(0, 10), 0.9, 20)).toBe(1);
  });
});
