/** Parses the Google Merchant format as a table: a header, then one line for each item, with tabs or commas between the values. */

import { parse } from 'csv-parse';
import { Readable } from 'node:stream';
import { messageOf } from '../../util/errors.ts';
import { detectDelimiter } from '../csv.ts';
import { expectedNames, type FeedEntry, type FeedParser, fieldsOf } from './feed-entry.ts';

/** Most characters of a row; a longer one means a quote that is never closed. */
const MAX_ROW_LENGTH = 200_000;

/** Streams: memory holds one row at a time. */
export const parseTableFeed: FeedParser = async function* (text) {
  const chunks = text[Symbol.asyncIterator]();
  const { firstLine, start } = await readFirstLine(chunks);
  const end: TextEnd = { isLineEnd: true };
  const parser = Readable.from(trackEnd(start, chunks, end)).pipe(
    parse({
      delimiter: detectDelimiter(firstLine),
      relax_column_count: true,
      relax_quotes: true,
      skip_records_with_empty_values: true,
      max_record_size: MAX_ROW_LENGTH,
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
      // One row behind, because only at the end is it known whether the last row is complete.
      if (last) yield entryOf(header, last);
      last = row;
    }
  } catch (error) {
    throw error instanceof MissingColumnError
      ? error
      : new Error(`its table is malformed: ${messageOf(error)}`);
  }
  if (!last || !header) return;
  if (!end.isLineEnd && last.length < header.length) {
    throw new Error('it ends in the middle of its last line, so it was cut off');
  }
  yield entryOf(header, last);
};

// --- Internal helpers ---

class MissingColumnError extends Error {}

/** How the text that has been read so far ends. */
interface TextEnd {
  isLineEnd: boolean;
}

/** @returns the first line that is not empty, and all the text that was read to find it. */
async function readFirstLine(chunks: AsyncIterator<string>): Promise<{ firstLine: string; start: string }> {
  let text = '';
  while (!/[\r\n]/.test(text.trimStart()) && text.length < MAX_ROW_LENGTH) {
    const step: IteratorResult<string, unknown> = await chunks.next();
    if (step.done) break;
    text += step.value;
  }
  const start = text.trimStart();
  return { firstLine: start.split(/[\r\n]/, 1)[0] ?? '', start };
}

async function* trackEnd(
  start: string,
  chunks: AsyncIterator<string>,
  end: TextEnd,
): AsyncGenerator<string, void> {
  for (let chunk = start; ;) {
    if (chunk !== '') {
      end.isLineEnd = /[\r\n]$/.test(chunk);
      yield chunk;
    }
    const step: IteratorResult<string, unknown> = await chunks.next();
    if (step.done) return;
    chunk = step.value;
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
  return fieldsOf(new Map(header.map((name, index) => [name, row[index] ?? ''])));
}
