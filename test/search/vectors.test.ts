import { describe, expect, it } from 'vitest';
import { firstIdentical, normaliseRows } from '../../src/search/vectors.ts';
import { createRandom } from './sample-items.ts';

describe('firstIdentical', () => {
  it('finds for each row the first with the same bits', () => {
    const random = createRandom(1);
    // Few distinct values in few columns: many rows are equal, and many more are nearly so.
    const dimension = 3;
    const vectors = Float32Array.from({ length: 900 * dimension }, () => Math.floor(random() * 8) / 8);
    const key = (row: number): string => vectors.subarray(row * dimension, (row + 1) * dimension).join();
    const first = new Map<string, number>();
    const expected = Array.from({ length: 900 }, (_, row) => {
      if (!first.has(key(row))) first.set(key(row), row);
      return first.get(key(row));
    });
    expect([...firstIdentical(vectors, dimension)]).toEqual(expected);
    expect(first.size).toBeLessThan(500);
  });

  it('tells vectors apart that differ in their last bit', () => {
    expect([...firstIdentical(Float32Array.of(1, 0.5, 1, 0.5 + 2 ** -24, 1, 0.5), 2)]).toEqual([0, 1, 0]);
  });

  it('looks at its own part of a larger buffer', () => {
    const buffer = Float32Array.of(7, 7, 1, 2, 1, 2, 3, 4);
    expect([...firstIdentical(buffer.subarray(2), 2)]).toEqual([0, 0, 2]);
    expect([...firstIdentical(new Float32Array(), 2)]).toEqual([]);
  });
});

describe('normaliseRows', () => {
  it('keeps the bits of rows that have length one already', () => {
    const vectors = Float32Array.from({ length: 256 }, (_, index) => Math.sin(index));
    normaliseRows(vectors, 256, 1, String);
    const once = vectors.slice();
    normaliseRows(vectors, 256, 1, String);
    expect(vectors).toEqual(once);
    expect(Math.hypot(...vectors)).toBeCloseTo(1, 6);
  });

  it('can bring the shortest and the longest vectors to length one', () => {
    const vectors = Float32Array.of(1e-45, 0, 3e38, 3e38);
    normaliseRows(vectors, 2, 2, String);
    expect([...vectors]).toEqual([1, 0, Math.fround(Math.SQRT1_2), Math.fround(Math.SQRT1_2)]);
  });
});
