/** An index that compares the query with every item: the truth that recall is measured against, and the fallback. */

import type { ModelPassport } from '../embed/model.ts';
import type { IndexEntry, ItemIndex } from './item-index.ts';
import { createItemTable } from './item-table.ts';
import { createRowIndex } from './row-index.ts';
import { scanRows } from './scan.ts';
import { joinAlike } from './alike.ts';
import { firstTwins, normaliseRows } from './vectors.ts';

export interface ExactIndexOptions {
  readonly passport: ModelPassport;
  readonly entries: readonly IndexEntry[];
  /** One row an entry, `[entries.length * passport.dimension]`, taken over: scaled to length one in place, not copied. */
  readonly vectors: Float32Array;
  readonly createdAt: Date;
}

/** @throws {RangeError} for entries or vectors that cannot be indexed: an id twice, another dimension, NaN, length zero. */
export function createExactIndex({ passport, entries, vectors, createdAt }: ExactIndexOptions): ItemIndex {
  const table = createItemTable(entries, entries.length);
  normaliseRows(vectors, passport.dimension, table.rows, (row) => `item ${JSON.stringify(table.idOf(row))}`);
  return createRowIndex({
    passport,
    createdAt,
    table,
    vectors,
    groups: twinRows(vectors, passport.dimension),
    search: (query, k, selection) => scanRows(vectors, query, k, selection),
    free: () => undefined,
  });
}

// --- Internal helpers ---

/** Only rows with equal vectors: what merely looks the same is found when a graph is built. */
function twinRows(vectors: Float32Array, dimension: number): ReadonlyMap<number, readonly number[]> {
  const pairs = [...firstTwins(vectors, dimension)].map((twin, row): [number, number] => [twin, row]);
  return joinAlike(pairs.filter(([twin, row]) => twin !== row)).groups;
}
