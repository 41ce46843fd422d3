/** What a parser of feeds brings. */

import { COLUMN_NAMES, type Field, type Fields, findColumns } from '../fields.ts';

/** An item as the feed says it, or why it says none. */
export type FeedEntry = Fields | { readonly reason: string };

/**
 * @param text the whole feed, in pieces.
 * @throws {Error} whose message says what is wrong and where, when it is malformed or ends before its end.
 */
export type FeedParser = (text: AsyncIterable<string>) => AsyncGenerator<FeedEntry, void>;

/** Longer values are nonsense or an attack. */
const MAX_VALUE = 10_000;

export function fieldsOf(values: ReadonlyMap<string, string>): Fields {
  const names = [...values.keys()];
  const found = [...findColumns(names)];
  return Object.fromEntries(
    found.map(([field, place]): [Field, string | undefined] => [
      field,
      values.get(names[place] ?? '')?.slice(0, MAX_VALUE),
    ]),
  );
}

/** In the order of preference; case, spaces, `_` and `-` do not count. */
export function expectedNames(field: Field): string {
  return COLUMN_NAMES[field].join(', ');
}
