import { describe, expect, it, vi } from 'vitest';
import { ClosedError } from '../../src/util/errors.ts';
import { createExactIndex } from '../../src/search/exact-index.ts';
import type { ItemIndex } from '../../src/search/item-index.ts';
import { createServingIndex } from '../../src/search/serving-index.ts';
import { createSample, rowOf, sampleFingerprint } from './sample-items.ts';

const sample = createSample(3, 8);
const create = (): ItemIndex =>
  createExactIndex({
    fingerprint: sampleFingerprint(8),
    ...sample,
    vectors: sample.vectors.slice(),
    createdAt: new Date(),
  });
const isClosed = async (index: ItemIndex): Promise<boolean> =>
  index.nearest(rowOf(sample, 0), 1).then(
    () => false,
    (error: unknown) => error instanceof ClosedError,
  );

describe('createServingIndex', () => {
  it('has no index before the first, and the newest from then on', () => {
    const serving = createServingIndex();
    expect(serving.current()).toBeUndefined();
    const [first, second] = [create(), create()];
    serving.replace(first);
    expect(serving.current()).toBe(first);
    serving.replace(second);
    expect(serving.current()).toBe(second);
  });

  it('closes an index that was replaced, but not while searches may still use it', async () => {
    vi.useFakeTimers();
    try {
      const [first, second] = [create(), create()];
      const serving = createServingIndex(first);
      serving.replace(second);
      expect(await isClosed(first)).toBe(false);
      await vi.runAllTimersAsync();
      expect(await isClosed(first)).toBe(true);
      expect(await isClosed(second)).toBe(false);
    } finally {
      vi.useRealTimers();
    }
  });

  it('closes all of them, twice if need be', async () => {
    const [first, second] = [create(), create()];
    const serving = createServingIndex(first);
    serving.replace(second);
    await serving.close();
    await serving.close();
    expect(serving.current()).toBeUndefined();
    expect(await Promise.all([isClosed(first), isClosed(second)])).toEqual([true, true]);
  });
});
