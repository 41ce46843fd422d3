/** An index that compares the query with every item: the reference that recall is measured against, and the fallback. */

import type { ModelFingerprint } from '../embed/model.ts';
import type { IndexEntry, ItemIndex } from './item-index.ts';
import { createMetadataColumns } from './metadata-columns.ts';
import { createInMemoryIndex } from './in-memory-index.ts';
import { searchBruteForce } from './brute-force.ts';
import { groupDuplicates } from './duplicate-groups.ts';
import { firstIdentical, normaliseRows } from './vectors.ts';

export interface ExactIndexOptions {
  readonly fingerprint: ModelFingerprint;
  readonly entries: readonly IndexEntry[];
  /** One row per entry, `[entries.length * fingerprint.dimension]`. The index owns them from now on, and normalises them in place. */
  readonly vectors: Float32Array;
  readonly createdAt: Date;
}

/** @throws {RangeError} for entries or vectors that cannot be indexed: a repeated id, another dimension, NaN, a zero vector. */
export function createExactIndex({ fingerprint, entries, vectors, createdAt }: ExactIndexOptions): ItemIndex {
  const columns = createMetadataColumns(entries, entries.length);
  normaliseRows(
    vectors,
    fingerprint.dimension,
    columns.rows,
    (row) => `item ${JSON.stringify(columns.idOf(row))}`,
  );
  return createInMemoryIndex({
    fingerprint,
    createdAt,
    columns,
    vectors,
    groups: groupIdentical(vectors, fingerprint.dimension),
    search: (query, k, selection) => searchBruteForce(vectors, query, k, selection),
    free: () => undefined,
  });
}

// --- Internal helpers ---

/** Groups only rows with identical vectors. Near duplicates are found when a graph is built. */
function groupIdentical(vectors: Float32Array, dimension: number): ReadonlyMap<number, readonly number[]> {
  const pairs = [...firstIdentical(vectors, dimension)].map((first, row): [number, number] => [first, row]);
  return groupDuplicates(pairs.filter(([first, row]) => first !== row)).groups;
}
