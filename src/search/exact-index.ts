/** An index that compares the query with every item: the truth that recall is measured against, and the fallback. */

import type { ModelPassport } from '../embed/model.ts';
import type { IndexEntry, ItemIndex } from './item-index.ts';
import { createItemTable } from './item-table.ts';
import { createRowIndex } from './row-index.ts';
import { scanRows } from './scan.ts';
import { normaliseRows } from './vectors.ts';

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
    search: (query, k, selection) => scanRows(vectors, query, k, selection),
    free: () => undefined,
  });
}
