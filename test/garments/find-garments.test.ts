import { describe, expect, it } from 'vitest';
import {
  findGarments,
  type Garment,
  type GarmentCalibration,
  garmentCandidates,
} from '../../src/garments/find-garments.ts';
import { GARMENT_KINDS, type GarmentKind, PRESENCES } from '../../src/garments/garment-kinds.ts';
import type { ScoreMaps } from '../../src/garments/score-maps.ts';

const SIDE = 20;
const CALIBRATION: GarmentCalibration = { bias: 0, certainty: 1, presence: 0, size: 0 };

/** Left, top, right, bottom in cells, ends exclusive. */
type Cells = readonly [number, number, number, number];

describe('garments of a photo', () => {
  it('are boxes in parts of the photo, the most prominent first, each with its share of the photo', () => {
    const garments = found([
      ['shoes', [8, 18, 12, 20]],
      ['dress', [6, 4, 14, 16]],
    ]);
    expect(garments.map(({ kind }) => kind)).toEqual(['dress', 'shoes']);
    const [dress] = garments;
    [6 / SIDE, 4 / SIDE, 14 / SIDE, 16 / SIDE].forEach((edge, n) => {
      expect(dress!.box[n]).toBeCloseTo(edge, 1);
    });
    expect(dress!.share).toBeCloseTo((8 * 12) / SIDE ** 2, 1);
    expect(dress!.probability).toBeGreaterThan(0.5);
  });

  it('take two shoes for one pair, but two coats that stand apart for two', () => {
    const shoes = found([
      ['shoes', [5, 17, 8, 19]],
      ['shoes', [12, 17, 15, 19]],
    ]);
    expect(shoes).toHaveLength(1);
    expect(shoes[0]!.box[0]).toBeCloseTo(5 / SIDE, 1);
    expect(shoes[0]!.box[2]).toBeCloseTo(15 / SIDE, 1);
    const coats = found([
      ['outerwear', [1, 4, 5, 14]],
      ['outerwear', [14, 4, 18, 14]],
    ]);
    expect(coats).toHaveLength(2);
  });

  it('join the parts of a garment that something hides in the middle', () => {
    const garments = found([
      ['top', [5, 5, 9, 12]],
      ['top', [10, 5, 14, 12]],
    ]);
    expect(garments).toHaveLength(1);
  });

  it('leave out parts under a fifth of the largest of their kind', () => {
    const garments = found([
      ['trousers', [6, 6, 12, 18]],
      ['trousers', [15, 6, 17, 9]],
    ]);
    expect(garments).toHaveLength(1);
    expect(garments[0]!.box[2]).toBeCloseTo(12 / SIDE, 1);
  });

  it('are none in a photo of nothing', () => {
    expect(garmentCandidates(painted([]))).toEqual([]);
  });

  it('are as probable as the calibration says, by the presence of their kind too, and left out below the least', () => {
    const maps = painted([['hat', [8, 1, 12, 4]]], 0.02);
    const calibration = { ...CALIBRATION, presence: 1 };
    expect(findGarments(garmentCandidates(maps), calibration, 0.5)).toEqual([]);
    const [hat] = findGarments(garmentCandidates(maps), calibration, 0);
    expect(hat!.probability).toBeLessThan(0.5);
    const [likely] = findGarments(garmentCandidates(painted([['hat', [8, 1, 12, 4]]], 0.98)), calibration, 0);
    expect(likely!.probability).toBeGreaterThan(hat!.probability);
  });
});

// --- Internal helpers ---

function found(rectangles: Parameters<typeof painted>[0]): Garment[] {
  return findGarments(garmentCandidates(painted(rectangles)), CALIBRATION, 0.5);
}

/** Rectangles of kinds with a probability of .9 on nothing. @param presence of every kind. */
function painted(rectangles: readonly (readonly [GarmentKind, Cells])[], presence = 0.5): ScoreMaps {
  const kinds = GARMENT_KINDS.map(() => new Float32Array(SIDE * SIDE));
  for (const [kind, [left, top, right, bottom]] of rectangles) {
    const map = kinds[GARMENT_KINDS.indexOf(kind)]!;
    for (let y = top; y < bottom; y++) map.fill(0.9, y * SIDE + left, y * SIDE + right);
  }
  return { side: SIDE, kinds, presence: new Float32Array(PRESENCES.length).fill(presence) };
}
