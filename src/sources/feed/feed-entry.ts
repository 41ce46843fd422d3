/** An entry of a feed, and the interface of the parsers that read them. */

import { COLUMN_NAMES, type Field, type Fields, findColumns } from '../fields.ts';

/** The fields of an item, or the reason why the entry is unusable. */
export type FeedEntry = Fields | { readonly reason: string };

/**
 * @param text the whole feed, in chunks.
 * @throws {Error} whose message says what is wrong and where, when the feed is malformed or truncated.
 */
export type FeedParser = (text: AsyncIterable<string>) => AsyncGenerator<FeedEntry, void>;

/** Most characters of a value that are kept; longer ones are a mistake or an attack. */
const MAX_VALUE_LENGTH = 10_000;

export function fieldsOf(values: ReadonlyMap<string, string>): Fields {
  const names = [...values.keys()];
  const columns = [...findColumns(names)];
  return Object.fromEntries(
    columns.map(([field, index]): [Field, string | undefined] => [
      field,
      values.get(names[index] ?? '')?.slice(0, MAX_VALUE_LENGTH),
    ]),
  );
}

/** The accepted column names, most preferred first. Case, spaces, `_` and `-` are ignored. */
export function expectedNames(field: Field): string {
  return COLUMN_NAMES[field].join(', ');
}
