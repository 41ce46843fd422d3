/** What every index in memory has in common: checks, labels, entries and closing. How rows are found is its `search`. */

import { ClosedError } from '../util/errors.ts';
import type { ModelFingerprint } from '../embed/model.ts';
import type { Filter } from './filter.ts';
import type { ItemIndex } from './item-index.ts';
import type { MetadataColumns, Selection } from './metadata-columns.ts';
import type { RowMatch } from './brute-force.ts';
import { unitQuery } from './vectors.ts';

/** Largest `k` of `nearest`. */
const MAX_NEIGHBOURS = 1_000;

export interface InMemoryIndexParts {
  readonly fingerprint: ModelFingerprint;
  readonly createdAt: Date;
  readonly table: MetadataColumns;
  /** Unit rows, `[table.rows * fingerprint.dimension]`. */
  readonly vectors: Float32Array;
  /**
   * The `k` best rows of a selection that is not empty, most similar first, fewer only when fewer are selected.
   * @param query of length one.
   */
  readonly search: (query: Float64Array, k: number, selection: Selection) => Promise<RowMatch[]>;
  /** For each row that looks the same as others, all rows that do, itself included. */
  readonly groups: ReadonlyMap<number, readonly number[]>;
  /** Frees what lies outside JavaScript; called once. */
  readonly free: () => void;
}

export function createInMemoryIndex(parts: InMemoryIndexParts): ItemIndex {
  const { fingerprint, createdAt } = parts;
  const { dimension } = fingerprint;
  const size = parts.table.living.count;
  const counts = parts.table.labelCounts();
  // Dropped on close, so that the vectors are freed even where somebody keeps the closed index.
  let open: InMemoryIndexParts | undefined = parts;

  function opened(): InMemoryIndexParts {
    if (!open) throw new ClosedError('The index is closed.');
    return open;
  }

  return {
    fingerprint,
    size,
    createdAt,
    async nearest(vector: Float32Array, k: number, filter: Filter = {}) {
      const { table, search } = opened();
      if (!Number.isInteger(k) || k < 1 || k > MAX_NEIGHBOURS)
        throw new RangeError(`Expected k from 1 to ${MAX_NEIGHBOURS}, got ${k}.`);
      const query = unitQuery(vector, dimension);
      const selection = table.matching(filter);
      if (selection.count === 0) return [];
      const matches = await search(query, k, selection);
      // Rounding may carry the cosine of equal vectors a hair beyond one.
      return matches.map(({ row, similarity }) => ({
        id: table.idOf(row),
        similarity: Math.max(-1, Math.min(1, similarity)),
      }));
    },
    // eslint-disable-next-line @typescript-eslint/require-await -- the seam is asynchronous, rows in memory are not
    async vector(id) {
      const { table, vectors } = opened();
      const row = table.rowOf(id);
      return row === undefined
        ? undefined
        : Float32Array.from(vectors.subarray(row * dimension, (row + 1) * dimension));
    },
    duplicatesOf(id, filter = {}) {
      const { table, groups } = opened();
      const row = table.rowOf(id);
      const group = row === undefined ? undefined : groups.get(row);
      if (!group) return [];
      // A search asks this of many items, so only the rows of the group are looked at.
      return group
        .filter((other) => other !== row && table.passes(other, filter))
        .map((other) => table.idOf(other));
    },
    labelCounts: () => counts,
    entries: () => opened().table.entries(),
    // eslint-disable-next-line @typescript-eslint/require-await -- the seam is asynchronous, rows in memory are not
    async close() {
      open?.free();
      open = undefined;
    },
  };
}
