/** Finds the exact nearest rows by comparing the query with every row. */

import { setImmediate } from 'node:timers/promises';
import type { Selection } from './metadata-columns.ts';
import { dot } from './vectors.ts';

export interface RowMatch {
  readonly row: number;
  /** Cosine. */
  readonly similarity: number;
}

/** Rows scored before other work gets a turn; 4,096 rows of 256 numbers take 2 to 4 ms. */
const SLICE = 4_096;

/**
 * The `k` selected rows most similar to `query`, most similar first, ties in row order.
 * @param vectors unit rows, `[rows * query.length]`.
 * @param query of length one.
 */
export async function searchBruteForce(
  vectors: Float32Array,
  query: Float64Array,
  k: number,
  selection: Selection,
): Promise<RowMatch[]> {
  const { mask, count } = selection;
  const best = createTopK(Math.min(k, count));
  let scored = 0;
  for (let row = 0; row < mask.length; row++) {
    if (mask[row] !== 1) continue;
    best.offer(row, dot(vectors, row * query.length, query));
    if (++scored % SLICE === 0) await setImmediate();
  }
  return best.matches();
}

// --- Internal helpers ---

/** Keeps the `k` most similar of the offered rows, in falling order. */
function createTopK(k: number): { offer(row: number, similarity: number): void; matches(): RowMatch[] } {
  const rows = new Int32Array(k);
  const similarities = new Float64Array(k).fill(-Infinity);
  let kept = 0;
  return {
    offer(row, similarity) {
      if (similarity <= (similarities[k - 1] ?? Infinity)) return;
      let position = Math.min(kept, k - 1);
      for (; position > 0 && similarity > (similarities[position - 1] ?? 0); position--) {
        rows[position] = rows[position - 1] ?? 0;
        similarities[position] = similarities[position - 1] ?? 0;
      }
      rows[position] = row;
      similarities[position] = similarity;
      kept = Math.min(kept + 1, k);
    },
    matches: () =>
      Array.from(rows.subarray(0, kept), (row, index) => ({ row, similarity: similarities[index] ?? 0 })),
  };
}
