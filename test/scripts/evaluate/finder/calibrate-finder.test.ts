import { describe, expect, it } from 'vitest';
import { areaUnderCurve } from '../../../../scripts/evaluate/finder/area-under-curve.ts';
import {
  calibrateFinder,
  precisionAndRecall,
  productScore,
} from '../../../../scripts/evaluate/finder/calibrate-finder.ts';
import { finderFigures, finderReport } from '../../../../scripts/evaluate/finder/finder-report.ts';
import { fitLogistic } from '../../../../scripts/evaluate/finder/fit-logistic.ts';
import type { MeasuredPhoto, MeasuredPicture } from '../../../../scripts/evaluate/finder/measure-finder.ts';
import { streetPatches } from '../../../../scripts/evaluate/finder/street-patches.ts';
import { addOverlaps, emptyOverlaps } from '../../../../scripts/train/finder/finder-scores.ts';
import { createRandom } from '../../../../scripts/train/random.ts';
import { garmentProbability } from '../../../../src/garments/find-garments.ts';
import { classOfKind, GARMENT_KINDS, PRESENCES } from '../../../../src/garments/garment-kinds.ts';
import type { ScoreMaps } from '../../../../src/garments/score-maps.ts';

describe('a logistic regression', () => {
  it('finds the weights that the examples were made with', () => {
    const random = createRandom(4);
    const rows = Array.from({ length: 4000 }, () => [random.normal(1), random.normal(1)]);
    const right = rows.map(([a = 0, b = 0]) => random() < 1 / (1 + Math.exp(-(0.5 + 2 * a - b))));
    const { bias, weights } = fitLogistic(rows, right, 1e-3);
    expect(bias).toBeCloseTo(0.5, 0);
    expect(weights[0]).toBeCloseTo(2, 0);
    expect(weights[1]).toBeCloseTo(-1, 0);
  });

  it('stays finite where nothing is wrong on either side, and refuses examples of one sort', () => {
    const { weights } = fitLogistic([[-1], [-2], [1], [2]], [false, false, true, true], 1);
    expect(weights[0]).toBeGreaterThan(0);
    expect(weights[0]).toBeLessThan(10);
    expect(() => fitLogistic([[1]], [true], 1)).toThrow(RangeError);
  });
});

describe('the area under the curve', () => {
  it('is how often the one sort scores higher, ties by half', () => {
    expect(areaUnderCurve([3, 4], [1, 2])).toBe(1);
    expect(areaUnderCurve([1, 2], [3, 4])).toBe(0);
    expect(areaUnderCurve([1, 2], [1, 2])).toBe(0.5);
    expect(areaUnderCurve([2], [1, 2, 3])).toBe(0.5);
  });
});

describe('pieces of street', () => {
  it('hold no pixel of a person, are different, and the same for the same seed', () => {
    const width = 100;
    const classes = new Uint8Array(width * 150);
    for (let y = 30; y < 140; y++) classes.fill(3, y * width + 45, y * width + 55);
    const found = streetPatches(classes, width, 3, 9);
    expect(found).toHaveLength(3);
    for (const { left, top, width: across, height: down } of found) {
      for (let y = top; y < top + down; y++) {
        expect(
          classes.subarray(y * width + left, y * width + left + across).every((place) => place === 0),
        ).toBe(true);
      }
    }
    expect(streetPatches(classes, width, 3, 9)).toEqual(found);
    expect(streetPatches(new Uint8Array(100).fill(1), 10, 3, 9)).toEqual([]);
  });
});

describe('the calibration of a finder', () => {
  const random = createRandom(8);
  const photos = Array.from({ length: 60 }, (_, n): MeasuredPhoto => {
    const isRight = n % 3 !== 0;
    const evidence = { certainty: random.normal(1) + (isRight ? 2 : -1), presence: 1, size: -2 };
    const box = [0.2, 0.2, 0.6, 0.6] as const;
    return {
      name: String(n),
      maps: maps(0.5),
      truth: [{ kind: classOfKind('top'), box, counts: true }],
      candidates: [{ kind: 'top', box, share: 0.1, evidence, verdict: isRight ? 'right' : 'wrong' }],
    };
  });
  const pictures = (presence: number): MeasuredPicture[] =>
    Array.from({ length: 50 }, (_, n) => ({
      name: String(n),
      maps: maps(presence + random.between(-0.1, 0.1)),
      candidates: [],
    }));
  const measured = { photos, streets: pictures(0.2), garments: pictures(0.8) };
  const calibration = calibrateFinder(measured);

  it('gives the more certain box the higher probability, and a threshold that trades both errors', () => {
    const probability = (certainty: number): number =>
      garmentProbability({ certainty, presence: 1, size: -2 }, calibration.garment);
    expect(probability(3)).toBeGreaterThan(0.85);
    expect(probability(-2)).toBeLessThan(0.3);
    const { precision, recall } = precisionAndRecall(
      photos,
      ({ evidence }) => garmentProbability(evidence, calibration.garment),
      calibration.garmentFrom,
    );
    expect(precision).toBeGreaterThan(0.85);
    expect(recall).toBeGreaterThan(0.55); // a third of what is there is never found
  });

  it('chooses the threshold of the fewest errors of both sorts', () => {
    const answered = measured.streets.filter(
      (street) => productScore(street, calibration) >= calibration.productFrom,
    );
    expect(answered.length).toBeLessThanOrEqual(1);
    const products = measured.garments.map((garment) => productScore(garment, calibration));
    expect(Math.min(...products)).toBeGreaterThan(calibration.productFrom);
  });

  it('is reported with every figure', () => {
    const overlaps = emptyOverlaps();
    addOverlaps(overlaps, Uint8Array.of(0, 1), Uint8Array.of(0, 1));
    const figures = finderFigures({ ...measured, overlaps, pixelsRight: 0.9 }, calibration);
    expect(figures).toMatchObject({
      pixelsRight: 0.9,
      meanOverlap: 1,
      areaUnderCurve: 1,
      garmentsAnswered: 1,
    });
    expect(figures.kinds.top).toMatchObject({ there: 60 });
    expect(figures.calibrationError).toBeLessThan(0.1);
    const report = finderReport('small', figures);
    expect(report).toContain('| small | 0.900 | 1.000 |');
    expect(report).toContain('| 50 pieces of street, 50 photos of garments | 1.000 |');
  });
});

// --- Internal helpers ---

/** Of nothing. @param presence of everything. */
function maps(presence: number): ScoreMaps {
  return {
    side: 4,
    kinds: GARMENT_KINDS.map(() => new Float32Array(16)),
    presence: new Float32Array(PRESENCES.length).fill(presence),
  };
}
