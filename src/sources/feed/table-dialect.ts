/** Finds out how a table separates its values, and which of its first rows is the header. */

import { type ColumnMapping, findColumns } from '../columns.ts';
import { normalizeName } from '../column-names.ts';
import { readRows } from './table-rows.ts';

export interface TableDialect {
  /** `,`, `;`, `|`, a tab, or whatever a line such as `sep=:` names. */
  readonly delimiter: string;
  /** How many rows with values come before the header: titles and comments. */
  readonly rowsBefore: number;
  /** Whether the first line only names the separator, as spreadsheets write it: `sep=;`. */
  readonly hasSeparatorLine: boolean;
}

/** Characters from which the dialect is found. */
export const SNIFFED_LENGTH = 64 * 1024;

/**
 * The header is the row, among the first ten, in which most columns are known; the separator is the one under which that holds.
 * @param start the first characters of the text.
 */
export async function detectDialect(start: string, mapping: ColumnMapping = {}): Promise<TableDialect> {
  const separator = SEPARATOR_LINE.exec(start);
  const text = separator ? start.slice(separator[0].length) : start;
  const delimiters = separator?.[1] === undefined ? DELIMITERS : [separator[1]];
  let best = { delimiter: mostFrequent(text, delimiters), rowsBefore: 0, score: 0 };
  for (const delimiter of delimiters) {
    for (const [rowsBefore, row] of (await firstRows(text, delimiter)).entries()) {
      const score = scoreOf(row, mapping);
      // A later row has to be clearly a better header, because values such as "Type" occur in data too.
      if (score > best.score + (rowsBefore > 0 && best.score > 0 ? 1 : 0))
        best = { delimiter, rowsBefore, score };
    }
  }
  return {
    delimiter: best.delimiter,
    rowsBefore: best.rowsBefore,
    hasSeparatorLine: separator !== null,
  };
}

/** Leaves out the line that names the separator. */
export async function* withoutSeparatorLine(text: AsyncIterable<string>): AsyncGenerator<string, void> {
  let start: string | undefined = '';
  for await (const chunk of text) {
    if (start === undefined) {
      yield chunk;
      continue;
    }
    start += chunk;
    if (!/[\r\n]./s.test(start.trimStart())) continue;
    yield start.replace(SEPARATOR_LINE, '');
    start = undefined;
  }
  if (start !== undefined) yield start.replace(SEPARATOR_LINE, '');
}

// --- Internal helpers ---

const DELIMITERS = [',', ';', '\t', '|'];
const SEPARATOR_LINE = /^\s*"?sep=(\S|\t)"?[^\S\r\n]*(?:\r\n?|\n|$)/i;
const ROWS_TO_LOOK_AT = 10;

async function firstRows(text: string, delimiter: string): Promise<(readonly string[])[]> {
  const rows: (readonly string[])[] = [];
  // eslint-disable-next-line @typescript-eslint/require-await -- a stream of one chunk
  const chunks = async function* () {
    yield text;
  };
  try {
    for await (const { values } of readRows(chunks(), { delimiter, width: () => undefined })) {
      if (rows.push(values) >= ROWS_TO_LOOK_AT) break;
    }
  } catch {
    // A line that is too long; the reader of the whole table reports it.
  }
  return rows;
}

/** How much a row looks like a header: known columns, above all a picture, and columns chosen by hand. */
function scoreOf(row: readonly string[], mapping: ColumnMapping): number {
  const { fields } = findColumns(row);
  const names = new Set(row.map(normalizeName));
  const byHand = Object.values(mapping).filter((column) => names.has(normalizeName(column ?? ''))).length;
  return new Set(fields.values()).size + (fields.has('picture') ? 2 : 0) + 4 * byHand;
}

/** The separator that is most frequent in the first line, outside quotes. */
function mostFrequent(text: string, delimiters: readonly string[]): string {
  const header = (/^\s*(.*)/.exec(text)?.[1] ?? '').replace(/"[^"]*"/g, '');
  const counts = delimiters.map((delimiter) => ({ delimiter, count: header.split(delimiter).length }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).delimiter;
}
