import { describe, expect, it } from 'vitest';
import { createExactIndex } from '../../src/search/exact-index.ts';
import type { ItemIndex } from '../../src/search/item-index.ts';
import { recallAtK } from '../../src/search/recall.ts';
import { createSample, joinRows, range, sampleFingerprint } from './sample-items.ts';

const DIMENSION = 8;
const sample = createSample(200, DIMENSION);

function exact(rows: readonly number[]): ItemIndex {
  const { entries, vectors } = joinRows([{ sample, rows }]);
  return createExactIndex({
    fingerprint: sampleFingerprint(DIMENSION),
    entries,
    vectors,
    createdAt: new Date(),
  });
}

describe('recallAtK', () => {
  const truth = exact(range(0, 200));

  it('is one for the truth itself', async () => {
    expect(await recallAtK(truth, truth, sample.queries, 5)).toBe(1);
  });

  it('is the share that is found', async () => {
    const lost = (await Promise.all(sample.queries.map((query) => truth.nearest(query, 5)))).map(
      ([best]) => best?.id,
    );
    const without = exact(range(0, 200).filter((row) => !lost.includes(sample.entries[row]?.id)));
    const recall = await recallAtK(without, truth, sample.queries, 5);
    expect(recall).toBeGreaterThan(0);
    expect(recall).toBeLessThanOrEqual(0.8);
  });

  it('counts any of several items at the same cosine', async () => {
    const twice = joinRows([{ sample, rows: [0, 0] }]);
    const pair = (ids: string[]): ItemIndex =>
      createExactIndex({
        fingerprint: sampleFingerprint(DIMENSION),
        entries: ids.map((id) => ({ ...(twice.entries[0] ?? { picture: '', labels: {} }), id })),
        vectors: twice.vectors.slice(),
        createdAt: new Date(),
      });
    expect(await recallAtK(pair(['b', 'a']), pair(['a', 'b']), sample.queries, 1)).toBe(1);
  });

  it('counts all of an index that is smaller than k', async () => {
    expect(await recallAtK(exact([0, 1]), exact([0, 1]), sample.queries, 5)).toBe(1);
  });

  it('refuses to measure nothing', async () => {
    await expect(recallAtK(truth, truth, [], 5)).rejects.toThrow(RangeError);
  });
});
