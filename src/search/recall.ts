/** Measures how many of the true nearest neighbours an approximate index finds. */

import type { ItemIndex } from './item-index.ts';

/** Similarities that differ by less than this are equal: both items are equally right answers. */
const TIE = 1e-6;

/**
 * Recall@k, 0 to 1: the mean share of the `k` nearest items that `index` finds. An item counts as found when it is at least as
 * similar as the k-th true neighbour, so with ties it does not matter which item was returned.
 * @param truth an exact index over the same items.
 * @param queries vectors of the index's dimension, at least one.
 */
export async function recallAtK(
  index: ItemIndex,
  truth: Pick<ItemIndex, 'nearest'>,
  queries: readonly Float32Array[],
  k: number,
): Promise<number> {
  let found = 0;
  let expected = 0;
  for (const query of queries) {
    const best = await truth.nearest(query, k);
    const worst = best.at(-1)?.similarity ?? Infinity;
    const answer = await index.nearest(query, k);
    expected += best.length;
    found += answer.filter(({ similarity }) => similarity >= worst - TIE).length;
  }
  if (expected === 0) throw new RangeError('Recall needs at least one query and one item.');
  return found / expected;
}
