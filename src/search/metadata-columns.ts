/** Ids, pictures and labels of the items of an index, stored by column: about 100 bytes per item, without an object for each. */

import { LABEL_NAMES, type LabelName, type Labels } from '../catalogue/item.ts';
import { type Filter, matches, NO_VALUE } from './filter.ts';
import type { IndexEntry } from './item-index.ts';

/** The rows that a search may return: `mask` `[rows]` is 1 for each of these `count` rows. */
export interface Selection {
  readonly mask: Uint8Array;
  readonly count: number;
}

/** A row holds an item, or is dead: its item was removed or has another picture now. */
export interface MetadataColumns {
  /** Number of rows, including dead ones. */
  readonly rows: number;
  /** All living rows. */
  readonly living: Selection;
  rowOf(id: string): number | undefined;
  /** @throws {RangeError} for a dead or unknown row. */
  idOf(row: number): string;
  /** @throws {RangeError} for a dead or unknown row. */
  entryAt(row: number): IndexEntry;
  /** The living rows whose labels match, according to `matches` of `filter.ts`. */
  matching(filter: Filter): Selection;
  /** Whether one row matches. Does not look at other rows. */
  passes(row: number, filter: Filter): boolean;
  labelCounts(): ReadonlyMap<LabelName, ReadonlyMap<string, number>>;
  entries(): IterableIterator<IndexEntry>;
}

/**
 * @param entries one per row, `null` for a dead one.
 * @param rows the number of entries.
 * @throws {RangeError} for a repeated id, an empty id, a picture that is not a SHA-256, or another number of entries.
 */
export function createMetadataColumns(entries: Iterable<IndexEntry | null>, rows: number): MetadataColumns {
  const ids: (string | undefined)[] = [];
  const rowById = new Map<string, number>();
  const pictures = Buffer.alloc(rows * DIGEST_BYTES);
  const columns = LABEL_NAMES.map((name) => createColumn(name, rows));
  const mask = new Uint8Array(rows);
  for (const entry of entries) {
    const row = ids.length;
    ids.push(entry?.id);
    if (!entry || row >= rows) continue;
    checkEntry(entry, rowById);
    rowById.set(entry.id, row);
    pictures.write(entry.picture, row * DIGEST_BYTES, 'hex');
    mask[row] = 1;
    for (const column of columns) column.set(row, entry.labels[column.name]);
  }
  if (ids.length !== rows) throw new RangeError(`Expected ${rows} entries, got ${ids.length}.`);
  const living: Selection = { mask, count: rowById.size };

  function idOf(row: number): string {
    const id = ids[row];
    if (id === undefined) throw new RangeError(`Row ${row} holds no item.`);
    return id;
  }

  function entryAt(row: number): IndexEntry {
    const labels: Partial<Record<LabelName, string>> = {};
    for (const column of columns) {
      const value = column.get(row);
      if (value !== undefined) labels[column.name] = value;
    }
    return {
      id: idOf(row),
      picture: pictures.toString('hex', row * DIGEST_BYTES, (row + 1) * DIGEST_BYTES),
      labels: labels satisfies Labels,
    };
  }

  return {
    rows,
    living,
    rowOf: (id) => rowById.get(id),
    idOf,
    entryAt,
    matching(filter) {
      const active = columns.filter((column) => filter[column.name] !== undefined);
      if (active.length === 0) return living;
      const passing = mask.slice();
      for (const column of active) column.restrict(passing, filter[column.name] ?? []);
      let count = 0;
      for (let row = 0; row < rows; row++) count += passing[row] ?? 0;
      return { mask: passing, count };
    },
    passes: (row, filter) => mask[row] === 1 && matches(filter, entryAt(row).labels),
    labelCounts: () => new Map(columns.map((column) => [column.name, column.counts()])),
    *entries() {
      for (const row of rowById.values()) yield entryAt(row);
    },
  };
}

// --- Internal helpers ---

const DIGEST_BYTES = 32;
/** Largest code that a Uint16Array holds. */
const NARROW_CODES = 0xffff;

interface Column {
  readonly name: LabelName;
  set(row: number, value: string | undefined): void;
  get(row: number): string | undefined;
  /** Clears the mask of the rows whose value is not accepted. */
  restrict(mask: Uint8Array, accepted: readonly string[]): void;
  /** Number of rows by value, most frequent first. */
  counts(): ReadonlyMap<string, number>;
}

/** One label of all rows, as one code per row; 0 means no value (`NO_VALUE` in a filter). */
function createColumn(name: LabelName, rows: number): Column {
  let codes: Uint16Array | Uint32Array = new Uint16Array(rows);
  const values: string[] = [];
  const codeByValue = new Map<string, number>();

  return {
    name,
    set(row, value) {
      if (value === undefined) return;
      let code = codeByValue.get(value);
      if (code === undefined) {
        code = values.push(value);
        codeByValue.set(value, code);
        if (code > NARROW_CODES && codes instanceof Uint16Array) codes = Uint32Array.from(codes);
      }
      codes[row] = code;
    },
    get: (row) => values[(codes[row] ?? 0) - 1],
    restrict(mask, accepted) {
      const passes = new Uint8Array(values.length + 1);
      for (const value of accepted) passes[codeByValue.get(value) ?? 0] = 1;
      passes[0] = accepted.includes(NO_VALUE) ? 1 : 0;
      for (let row = 0; row < mask.length; row++)
        mask[row] = (mask[row] ?? 0) & (passes[codes[row] ?? 0] ?? 0);
    },
    counts() {
      const totals = new Uint32Array(values.length + 1);
      for (const code of codes) totals[code] = (totals[code] ?? 0) + 1;
      const pairs = values.map((value, index): [string, number] => [value, totals[index + 1] ?? 0]);
      return new Map(pairs.sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
    },
  };
}

function checkEntry(entry: IndexEntry, rowById: ReadonlyMap<string, number>): void {
  if (entry.id === '') throw new RangeError('An item has an empty id.');
  if (rowById.has(entry.id))
    throw new RangeError(`Two items have the id ${JSON.stringify(entry.id)}; ids must be unique.`);
  if (!/^[0-9a-f]{64}$/.test(entry.picture)) {
    throw new RangeError(
      `The picture of item ${JSON.stringify(entry.id)} is not a SHA-256 in lower-case hex.`,
    );
  }
}
