/** The common part of all indexes in memory: validation, labels, entries and closing. They differ in how `search` finds rows. */

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
  readonly columns: MetadataColumns;
  /** Unit rows, `[columns.rows * fingerprint.dimension]`. */
  readonly vectors: Float32Array;
  /**
   * The `k` most similar rows of a non-empty selection, most similar first. Returns fewer only when fewer are selected.
   * @param query of length one.
   */
  readonly search: (query: Float64Array, k: number, selection: Selection) => Promise<RowMatch[]>;
  /** For each row that has duplicates, all rows of its duplicate group including itself. */
  readonly groups: ReadonlyMap<number, readonly number[]>;
  /** Frees native memory. Called once. */
  readonly free: () => void;
}

export function createInMemoryIndex(parts: InMemoryIndexParts): ItemIndex {
  const { fingerprint, createdAt } = parts;
  const { dimension } = fingerprint;
  const size = parts.columns.living.count;
  const counts = parts.columns.labelCounts();
  // Dropped on close, so that the vectors are freed even if somebody still holds the closed index.
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
      const { columns, search } = opened();
      if (!Number.isInteger(k) || k < 1 || k > MAX_NEIGHBOURS)
        throw new RangeError(`Expected k from 1 to ${MAX_NEIGHBOURS}, got ${k}.`);
      const query = unitQuery(vector, dimension);
      const selection = columns.matching(filter);
      if (selection.count === 0) return [];
      const matches = await search(query, k, selection);
      // Because of rounding, the cosine of equal vectors may be slightly more than one.
      return matches.map(({ row, similarity }) => ({
        id: columns.idOf(row),
        similarity: Math.max(-1, Math.min(1, similarity)),
      }));
    },
    // eslint-disable-next-line @typescript-eslint/require-await -- the interface is asynchronous, rows in memory are not
    async vector(id) {
      const { columns, vectors } = opened();
      const row = columns.rowOf(id);
      return row === undefined
        ? undefined
        : Float32Array.from(vectors.subarray(row * dimension, (row + 1) * dimension));
    },
    duplicatesOf(id, filter = {}) {
      const { columns, groups } = opened();
      const row = columns.rowOf(id);
      const group = row === undefined ? undefined : groups.get(row);
      if (!group) return [];
      // A search calls this for many items, so only the rows of the group are checked.
      return group
        .filter((other) => other !== row && columns.passes(other, filter))
        .map((other) => columns.idOf(other));
    },
    labelCounts: () => counts,
    entries: () => opened().columns.entries(),
    // eslint-disable-next-line @typescript-eslint/require-await -- the interface is asynchronous, rows in memory are not
    async close() {
      open?.free();
      open = undefined;
    },
  };
}
