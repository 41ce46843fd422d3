import { describe, expect, it } from 'vitest';
import { createExactIndex } from '../../src/search/exact-index.ts';
import { describeItemIndex } from '../contracts/item-index.ts';
import { createSample, sampleFingerprint } from './sample-items.ts';

describe('exact index', () => {
  describeItemIndex({
    open: (entries, vectors, dimension) =>
      Promise.resolve(
        createExactIndex({
          fingerprint: sampleFingerprint(dimension),
          entries,
          vectors,
          createdAt: new Date(),
        }),
      ),
  });

  const { entries, vectors } = createSample(5, 8);
  const create = (change: (vectors: Float32Array) => Float32Array, items = entries) =>
    createExactIndex({
      fingerprint: sampleFingerprint(8),
      entries: items,
      vectors: change(vectors.slice()),
      createdAt: new Date(),
    });

  it('brings vectors of any length to length one', async () => {
    const index = create((values) => values.map((value) => value * 7));
    expect(Math.hypot(...((await index.vector('item-1-2')) ?? []))).toBeCloseTo(1, 6);
  });

  it('names the item whose embedding is not a vector with a direction', () => {
    expect(() => create((values) => values.fill(0, 8, 16))).toThrow(/"item-1-1" has length zero/);
    expect(() => create((values) => values.fill(NaN, 20, 21))).toThrow(/"item-1-2"/);
    expect(() => create((values) => values.fill(Infinity, 20, 21))).toThrow(RangeError);
  });

  it('refuses another number of vectors than items', () => {
    expect(() => create((values) => values.subarray(8))).toThrow(/Expected 5 vectors of 8 numbers/);
  });

  it('refuses a repeated id, an empty id, and a picture that is not a digest', () => {
    const [first, ...rest] = entries;
    if (!first) throw new Error('The sample is empty.');
    expect(() => create((values) => values, [{ ...first, id: 'item-1-3' }, ...rest])).toThrow(
      /Two items have the id "item-1-3"/,
    );
    expect(() => create((values) => values, [{ ...first, id: '' }, ...rest])).toThrow(/empty id/);
    expect(() => create((values) => values, [{ ...first, picture: 'A'.repeat(64) }, ...rest])).toThrow(
      /not a SHA-256/,
    );
  });
});
