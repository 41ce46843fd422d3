/** An entry of a feed or a table, and the interface of the parsers that read them. */

import { type ColumnMapping, type Columns, findColumns, pickFields } from '../columns.ts';
import type { Field, Fields } from '../column-names.ts';

/** The fields of an item or of one of its variants, or the reason why the entry is unusable. */
export type FeedEntry = EntryPlace & (EntryFields | { readonly reason: string });

export interface EntryFields {
  readonly fields: Fields;
  /** Variants that the entry lists within itself. */
  readonly variants?: readonly Fields[];
}

interface EntryPlace {
  /** The line on which the entry ends, from 1; for formats of lines. */
  readonly line?: number | undefined;
}

export interface ParserOptions {
  /** Columns chosen by hand. */
  readonly columns?: ColumnMapping | undefined;
  /** The field without which a table is refused. Default: `picture`. */
  readonly required?: Field | undefined;
  /** Told of every set of columns that occurs, and of a header before its rows. */
  readonly onColumns?: ((names: readonly string[], columns: Columns) => void) | undefined;
  /** Whether a line that is malformed only costs itself, even the last one. Otherwise the source counts as cut off. */
  readonly isTolerant?: boolean | undefined;
}

/**
 * @param text the whole text, in chunks.
 * @throws {Error} whose message says what is wrong and where, when the text is malformed or truncated.
 */
export type FeedParser = (
  text: AsyncIterable<string>,
  options?: ParserOptions,
) => AsyncGenerator<FeedEntry, void>;

/** Finds the columns of records that name their members themselves, and remembers them for records with the same members. */
export function createFieldPicker({
  columns: mapping,
  onColumns,
}: ParserOptions): (values: ReadonlyMap<string, string>) => Fields {
  const known = new Map<string, Columns>();
  return (values) => {
    const names = [...values.keys()];
    const key = names.join('\n');
    let columns = known.get(key);
    if (!columns) {
      columns = findColumns(names, mapping);
      if (known.size >= MAX_KNOWN) known.clear();
      known.set(key, columns);
      onColumns?.(names, columns);
    }
    return pickFields(columns, [...values.values()]);
  };
}

/** Whether several values of such a member are all kept, because they are pictures. */
export function holdsPictures(name: string): boolean {
  return /image|picture|photo|media|bild|foto/i.test(name);
}

// --- Internal helpers ---

/** Sets of member names that are remembered. */
const MAX_KNOWN = 200;
