/** A table of comma-separated values as programs and people really write them. */

import { type Options, parse } from 'csv-parse';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';

export interface CsvRow {
  /** As many as the row has, which need not be as many as the header has; trimmed. */
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

/** Characters; more means a quote that is never closed. */
const MAX_ROW = 200_000;
/** Rows parsed before other work gets a turn, 5 ms. */
const SLICE = 500;

/** Never fails: where quotes do not pair up, they are taken as they stand. Empty text has an empty header. */
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
    max_record_size: MAX_ROW,
  }).catch(() => readRows(lines, { ...options, quote: null }));
  const [header, ...rest] = rows;
  return { delimiter, header: header?.values ?? [], rows: rest };
}

/** The one that the first line has most of, outside quotes: `,`, `;` or a tab. */
export function detectDelimiter(text: string): string {
  const header = (/^\s*(.*)/.exec(text)?.[1] ?? '').replace(/"[^"]*"/g, '');
  const counted = [',', ';', '\t'].map((delimiter) => ({ delimiter, count: header.split(delimiter).length }));
  return counted.reduce((best, next) => (next.count > best.count ? next : best)).delimiter;
}

// --- Internal helpers ---

/** In pieces with other work in between, because a parser at work holds up everything else; streams alone let nothing in. */
async function readRows(text: string, options: Options): Promise<CsvRow[]> {
  const rows: CsvRow[] = [];
  const parser = Readable.from(pieces(text, 16_384)).pipe(parse({ ...options, info: true }));
  for await (const { record, info } of parser as AsyncIterable<{
    record: string[];
    info: { lines: number };
  }>) {
    if (rows.length % SLICE === SLICE - 1) await setImmediate();
    rows.push({ values: record.map((value) => value.trim().replace(/^"([^]*)"$/, '$1')), line: info.lines });
  }
  return rows;
}

function* pieces(text: string, length: number): Generator<string> {
  for (let start = 0; start < text.length;) {
    let end = start + length;
    // Not between the halves of a character.
    if (/[\ud800-\udbff]/.test(text.charAt(end - 1))) end++;
    yield text.slice(start, end);
    start = end;
  }
}
