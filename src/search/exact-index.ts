/** An index that compares the query with every item: the truth that recall is measured against, and the fallback. */

import type { ModelFingerprint } from '../embed/model.ts';
import type { IndexEntry, ItemIndex } from './item-index.ts';
import { createMetadataColumns } from './metadata-columns.ts';
import { createInMemoryIndex } from './in-memory-index.ts';
import { searchBruteForce } from './brute-force.ts';
import { groupDuplicates } from './duplicate-groups.ts';
import { firstTwins, normaliseRows } from './vectors.ts';

export interface ExactIndexOptions {
  readonly fingerprint: ModelFingerprint;
  readonly entries: readonly IndexEntry[];
  /** One row an entry, `[entries.length * fingerprint.dimension]`, taken over: scaled to length one in place, not copied. */
  readonly vectors: Float32Array;
  readonly createdAt: Date;
}

/** @throws {RangeError} for entries or vectors that cannot be indexed: an id twice, another dimension, NaN, length zero. */
export function createExactIndex({ fingerprint, entries, vectors, createdAt }: ExactIndexOptions): ItemIndex {
  const table = createMetadataColumns(entries, entries.length);
  normaliseRows(
    vectors,
    fingerprint.dimension,
    table.rows,
    (row) => `item ${JSON.stringify(table.idOf(row))}`,
  );
  return createInMemoryIndex({
    fingerprint,
    createdAt,
    table,
    vectors,
    groups: twinRows(vectors, fingerprint.dimension),
    search: (query, k, selection) => searchBruteForce(vectors, query, k, selection),
    free: () => undefined,
  });
}

// --- Internal helpers ---

/** Only rows with equal vectors: what merely looks the same is found when a graph is built. */
function twinRows(vectors: Float32Array, dimension: number): ReadonlyMap<number, readonly number[]> {
  const pairs = [...firstTwins(vectors, dimension)].map((twin, row): [number, number] => [twin, row]);
  return groupDuplicates(pairs.filter(([twin, row]) => twin !== row)).groups;
}
