/** The Google Merchant format as text: a header and a line an item, with tabs (or commas) between the values. */

import { parse } from 'csv-parse';
import { Readable } from 'node:stream';
import { messageOf } from '../../util/errors.ts';
import { detectDelimiter } from '../csv.ts';
import { expectedNames, type FeedEntry, type FeedParser, fieldsOf } from './feed-entry.ts';

/** Characters; more means a quote that is never closed. */
const MAX_ROW = 200_000;

/** Streams: what is in memory is one row. */
export const parseTableFeed: FeedParser = async function* (text) {
  const pieces = text[Symbol.asyncIterator]();
  const { head, rest } = await firstLine(pieces);
  const end: LineEnd = { whole: true };
  const parser = Readable.from(noting(rest, pieces, end)).pipe(
    parse({
      delimiter: detectDelimiter(head),
      relax_column_count: true,
      relax_quotes: true,
      skip_records_with_empty_values: true,
      max_record_size: MAX_ROW,
      trim: true,
    }),
  );
  let header: string[] | undefined;
  let last: string[] | undefined;
  try {
    for await (const row of parser as AsyncIterable<string[]>) {
      if (!header) {
        header = row;
        requirePicture(row);
        continue;
      }
      // One behind: whether the last row is whole is known only at the end.
      if (last) yield entryOf(header, last);
      last = row;
    }
  } catch (error) {
    throw error instanceof MissingColumnError ? error : new Error(`its table is broken: ${messageOf(error)}`);
  }
  if (!last || !header) return;
  if (!end.whole && last.length < header.length) {
    throw new Error('it ends in the middle of its last line, so it was cut off');
  }
  yield entryOf(header, last);
};

// --- Internal helpers ---

class MissingColumnError extends Error {}

/** Whether what has been read ends with a line end. */
interface LineEnd {
  whole: boolean;
}

async function firstLine(pieces: AsyncIterator<string>): Promise<{ head: string; rest: string }> {
  let text = '';
  while (!/[\r\n]/.test(text.trimStart()) && text.length < MAX_ROW) {
    const step: IteratorResult<string, unknown> = await pieces.next();
    if (step.done) break;
    text += step.value;
  }
  return { head: text.trimStart().split(/[\r\n]/, 1)[0] ?? '', rest: text.trimStart() };
}

async function* noting(
  rest: string,
  pieces: AsyncIterator<string>,
  end: LineEnd,
): AsyncGenerator<string, void> {
  for (let piece = rest; ;) {
    if (piece !== '') {
      end.whole = /[\r\n]$/.test(piece);
      yield piece;
    }
    const step: IteratorResult<string, unknown> = await pieces.next();
    if (step.done) return;
    piece = step.value;
  }
}

function requirePicture(header: readonly string[]): void {
  const names = fieldsOf(new Map(header.map((name) => [name, name])));
  if (names.picture !== undefined) return;
  const found = header.slice(0, 50).map((column) => `"${column.slice(0, 50)}"`);
  throw new MissingColumnError(
    `it has no picture column. Its columns are ${found.join(', ')}; expected one of them to be called ${expectedNames('picture')}`,
  );
}

function entryOf(header: readonly string[], row: readonly string[]): FeedEntry {
  if (row.length > header.length && row.slice(header.length).some((value) => value !== '')) {
    return { reason: `it has ${row.length} fields where the header has ${header.length}` };
  }
  return fieldsOf(new Map(header.map((name, place) => [name, row[place] ?? ''])));
}
