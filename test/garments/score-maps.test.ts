import { describe, expect, it } from 'vitest';
import { GARMENT_KINDS, PIXEL_CLASSES, PRESENCES } from '../../src/garments/garment-kinds.ts';
import { enlargeMap, meanOfMaps, mostProbable, scoreMaps } from '../../src/garments/score-maps.ts';

const SIDE = 4;
const CELLS = SIDE * SIDE;

/** Scores of zero, but for one class in one cell. */
function rowWith(name: (typeof PIXEL_CLASSES)[number], cell: number, score: number): Float32Array {
  const row = new Float32Array(CELLS * PIXEL_CLASSES.length + PRESENCES.length);
  row[PIXEL_CLASSES.indexOf(name) * CELLS + cell] = score;
  return row;
}

describe('score maps', () => {
  it('are a softmax over all classes, of which the kinds are kept', () => {
    const { side, kinds, presence } = scoreMaps(rowWith('skirt', 6, 3));
    expect(side).toBe(SIDE);
    expect(kinds).toHaveLength(GARMENT_KINDS.length);
    const others = PIXEL_CLASSES.length - 1;
    expect(kinds[GARMENT_KINDS.indexOf('skirt')]![6]).toBeCloseTo(Math.E ** 3 / (Math.E ** 3 + others), 5);
    expect(kinds[0]![0]).toBeCloseTo(1 / PIXEL_CLASSES.length, 5);
    expect([...presence]).toEqual(PRESENCES.map(() => 0.5));
  });

  it('of a mirrored square are turned back, so that the mean of both is of one photo', () => {
    const straight = scoreMaps(rowWith('bag', 1, 9));
    const mirrored = scoreMaps(rowWith('bag', 2, 9), true);
    expect(mirrored.kinds).toEqual(straight.kinds);
    const mean = meanOfMaps([straight, scoreMaps(rowWith('bag', 1, 9))]);
    expect(mean.kinds[GARMENT_KINDS.indexOf('bag')]![1]).toBeCloseTo(
      straight.kinds[GARMENT_KINDS.indexOf('bag')]![1]!,
      6,
    );
  });

  it('refuse rows that no square gives, and means of different squares', () => {
    expect(() => scoreMaps(new Float32Array(100))).toThrow(RangeError);
    expect(() => meanOfMaps([])).toThrow(RangeError);
  });

  it('keep their values and their edges when they are enlarged', () => {
    const enlarged = enlargeMap(Float32Array.of(0, 1, 0, 1), 2, 8, 4);
    expect(enlarged).toHaveLength(32);
    expect([enlarged[0], enlarged[1], enlarged[6], enlarged[7]]).toEqual([0, 0, 1, 1]);
    expect(enlarged[3]).toBeCloseTo(0.375, 5);
    expect(enlarged[4]).toBeCloseTo(0.625, 5);
  });

  it('say nothing where all kinds together are less probable than nothing', () => {
    const maps = [Float32Array.of(0.2, 0.6), Float32Array.of(0.25, 0.1)];
    expect([...mostProbable(maps)]).toEqual([0, 1]);
  });
});
