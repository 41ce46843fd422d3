/** Reads comma-separated values as programs and people really write them. */

import { type Options, parse } from 'csv-parse';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';

export interface CsvRow {
  /** Trimmed. There may be more or fewer than the header has. */
  readonly values: readonly string[];
  /** The line on which the row ends, from 1. */
  readonly line: number;
}

export interface Csv {
  /** `,`, `;` or a tab. */
  readonly delimiter: string;
  readonly header: readonly string[];
  readonly rows: readonly CsvRow[];
}

/** Most characters of a row; a longer one means a quote that is never closed. */
const MAX_ROW_LENGTH = 200_000;
/** Rows parsed before other work gets a turn; they take 5 ms. */
const ROWS_PER_TURN = 500;

/** Never fails: if quotes do not pair up, they are read as ordinary characters. An empty text has an empty header. */
export async function readCsv(text: string): Promise<Csv> {
  const delimiter = detectDelimiter(text);
  const options = {
    delimiter,
    relax_column_count: true,
    skip_records_with_empty_values: true,
    record_delimiter: '\n',
  };
  const lines = text.replace(/\r\n?/g, '\n');
  const rows = await readRows(lines, {
    ...options,
    relax_quotes: true,
    ltrim: true,
    max_record_size: MAX_ROW_LENGTH,
  }).catch(() => readRows(lines, { ...options, quote: null }));
  const [header, ...rest] = rows;
  return { delimiter, header: header?.values ?? [], rows: rest };
}

/** The delimiter that is most frequent in the first line, outside quotes: `,`, `;` or a tab. */
export function detectDelimiter(text: string): string {
  const header = (/^\s*(.*)/.exec(text)?.[1] ?? '').replace(/"[^"]*"/g, '');
  const counts = [',', ';', '\t'].map((delimiter) => ({ delimiter, count: header.split(delimiter).length }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).delimiter;
}

// --- Internal helpers ---

/** Pauses between chunks, because parsing blocks the event loop and a stream alone gives no other work a turn. */
async function readRows(text: string, options: Options): Promise<CsvRow[]> {
  const rows: CsvRow[] = [];
  const parser = Readable.from(chunksOf(text, 16_384)).pipe(parse({ ...options, info: true }));
  for await (const { record, info } of parser as AsyncIterable<{
    record: string[];
    info: { lines: number };
  }>) {
    if (rows.length % ROWS_PER_TURN === ROWS_PER_TURN - 1) await setImmediate();
    rows.push({ values: record.map((value) => value.trim().replace(/^"([^]*)"$/, '$1')), line: info.lines });
  }
  return rows;
}

function* chunksOf(text: string, length: number): Generator<string> {
  for (let start = 0; start < text.length;) {
    let end = start + length;
    // Does not split a surrogate pair.
    if (/[\ud800-\udbff]/.test(text.charAt(end - 1))) end++;
    yield text.slice(start, end);
    start = end;
  }
}
