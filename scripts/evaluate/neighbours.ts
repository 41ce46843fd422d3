/** Exact nearest neighbours of many queries, and how often they have the right label. */

import { dot } from '../../src/search/vectors.ts';

/** Unit vectors, one after another. */
export interface Rows {
  readonly vectors: Float32Array;
  readonly dimension: number;
}

export interface LabelPrecision {
  /** Mean share of neighbours that are right, 0 to 1. */
  readonly precision: number;
  /** Share of queries with at least one right neighbour. */
  readonly recall: number;
  readonly queries: number;
}

/**
 * The `k` rows closest to each query, closest first, `[queries * k]`.
 * @param self the row of the query itself, which is skipped; -1: none.
 */
export function nearestRows(
  index: Rows,
  queries: Rows,
  k: number,
  self: (query: number) => number,
): Int32Array {
  const { vectors, dimension } = index;
  const rows = vectors.length / dimension;
  const count = queries.vectors.length / dimension;
  const result = new Int32Array(count * k).fill(-1);
  const best = new Float64Array(k);
  for (let query = 0; query < count; query++) {
    const own = self(query);
    const vector = queries.vectors.subarray(query * dimension, (query + 1) * dimension);
    const start = query * k;
    best.fill(-Infinity);
    for (let row = 0; row < rows; row++) {
      if (row === own) continue;
      const similarity = dot(vectors, row * dimension, vector);
      if (similarity <= best[k - 1]!) continue;
      let at = k - 1;
      for (; at > 0 && similarity > best[at - 1]!; at--) {
        best[at] = best[at - 1]!;
        result[start + at] = result[start + at - 1]!;
      }
      best[at] = similarity;
      result[start + at] = row;
    }
  }
  return result;
}

/** The rows at these indices, one after another. */
export function rowsAt({ vectors, dimension }: Rows, indices: readonly number[]): Float32Array {
  const result = new Float32Array(indices.length * dimension);
  indices.forEach((index, n) => {
    result.set(vectors.subarray(index * dimension, (index + 1) * dimension), n * dimension);
  });
  return result;
}

/** The cosine between a row of `a` and a row of `b`. */
export function similarityOf(a: Rows, rowOfA: number, b: Rows, rowOfB: number): number {
  const { dimension } = a;
  return dot(a.vectors, rowOfA * dimension, b.vectors.subarray(rowOfB * dimension, (rowOfB + 1) * dimension));
}

/** @param isRight undefined: no right neighbour is known for this query, so it is not counted. */
export function precisionOf(
  neighbours: Int32Array,
  k: number,
  isRight: (query: number) => ((row: number) => boolean) | undefined,
): LabelPrecision {
  let [precision, recall, queries] = [0, 0, 0];
  for (let query = 0; query * k < neighbours.length; query++) {
    const right = isRight(query);
    if (!right) continue;
    const hits = neighbours
      .subarray(query * k, (query + 1) * k)
      .filter((row) => row >= 0 && right(row)).length;
    precision += hits / k;
    recall += hits > 0 ? 1 : 0;
    queries++;
  }
  return { precision: precision / Math.max(1, queries), recall: recall / Math.max(1, queries), queries };
}
