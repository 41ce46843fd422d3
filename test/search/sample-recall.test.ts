import { describe, expect, it } from 'vitest';
import type { ItemIndex } from '../../src/search/item-index.ts';
import { sampleRecall } from '../../src/search/sample-recall.ts';
import { ClosedError } from '../../src/util/errors.ts';
import { createExactIndex } from '../../src/search/exact-index.ts';
import { COLOUR_FINGERPRINT } from '../fakes/colour-embedder.ts';

const ITEMS = 430;

/** Items spread over the space by fixed numbers. */
function indexOf(count: number): ItemIndex {
  const { dimension } = COLOUR_FINGERPRINT;
  return createExactIndex({
    fingerprint: COLOUR_FINGERPRINT,
    entries: Array.from({ length: count }, (_, n) => ({
      id: `item-${n}`,
      picture: '0'.repeat(64),
      labels: {},
    })),
    vectors: Float32Array.from({ length: count * dimension }, (_, n) => Math.sin(n * n + 1)),
    createdAt: new Date(0),
  });
}

describe('recall on a sample', () => {
  it('is one where everything is found', async () => {
    expect(await sampleRecall(indexOf(ITEMS))).toEqual({ value: 1, k: 10, queries: 50 });
  });

  it('is the share that is found where an index misses some', async () => {
    const whole = indexOf(ITEMS);
    // Of ten nearest items this index never gives the second, third and fourth.
    const lossy: ItemIndex = {
      ...whole,
      nearest: async (vector, k) => {
        const found = await whole.nearest(vector, k + 3);
        return [...found.slice(0, 1), ...found.slice(4)];
      },
    };
    const recall = await sampleRecall(lossy);
    expect(recall?.value).toBeCloseTo(0.7, 6);
  });

  it('is measured with every item where there are few', async () => {
    expect(await sampleRecall(indexOf(3))).toEqual({ value: 1, k: 10, queries: 3 });
  });

  it('ends when the index is closed under it', async () => {
    const index = indexOf(ITEMS);
    const measuring = sampleRecall(index);
    await index.close();
    await expect(measuring).rejects.toThrow(ClosedError);
  });
});
