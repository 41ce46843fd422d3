/** Reads rows of separated values as programs and people really write them. */

export interface TableRow {
  /** Trimmed. There may be more or fewer than the header has. */
  readonly values: readonly string[];
  /** The line on which the row ends, from 1. */
  readonly line: number;
}

export interface RowReading {
  /** One character. */
  readonly delimiter: string;
  /** How many values the header has; undefined while it is not known. */
  readonly width: () => number | undefined;
}

/** Most characters of a value in quotes and of a line; longer ones are an attack, or a quote that is never closed. */
const MAX_LENGTH = 200_000;

/**
 * Streams: memory holds one row at a time. Unlike in csv-parse, a stray quote costs nothing: a value is quoted only when its closing
 * quote stands before a separator or the end of the line; any other quote is a letter. Rows without a value are left out.
 * @throws {Error} when a line is longer than `MAX_LENGTH`.
 */
export async function* readRows(
  text: AsyncIterable<string>,
  reading: RowReading,
): AsyncGenerator<TableRow, void> {
  let buffer = '';
  let at = 0;
  let line = 0;
  const lines = unifyLineEnds(text)[Symbol.asyncIterator]();
  for (let isEnd = false; ;) {
    const row = readRow(buffer, at, isEnd, reading);
    if (row) {
      line += row.lines;
      at = row.next;
      if (row.values.some((value) => value !== '')) yield { values: row.values, line };
      continue;
    }
    if (isEnd) return;
    if (buffer.length - at > 2 * MAX_LENGTH)
      throw new Error(`line ${line + 1} has more than ${MAX_LENGTH} characters`);
    const step: IteratorResult<string, unknown> = await lines.next();
    buffer = buffer.slice(at) + (step.done ? '' : step.value);
    at = 0;
    isEnd = step.done === true;
  }
}

// --- Internal helpers ---

interface ParsedRow {
  readonly values: string[];
  /** Where the next row begins. */
  readonly next: number;
  /** How many line ends the row has. */
  readonly lines: number;
}

/** @returns undefined when more text is needed, and at the end of the text. */
function readRow(
  text: string,
  start: number,
  isEnd: boolean,
  { delimiter, width }: RowReading,
): ParsedRow | undefined {
  if (start >= text.length) return undefined;
  const row = splitRow(text, start, isEnd, delimiter, true);
  if (!row || row.lines < 2) return row;
  // A value over several lines may also be a quote that is never closed, up to the next one. The number of values tells.
  const expected = width();
  if (expected === undefined || row.values.length === expected) return row;
  const plain = splitRow(text, start, isEnd, delimiter, false);
  return plain?.values.length === expected ? plain : row;
}

function splitRow(
  text: string,
  start: number,
  isEnd: boolean,
  delimiter: string,
  mayHaveLineEnds: boolean,
): ParsedRow | undefined {
  const values: string[] = [];
  let lines = 0;
  for (let at = start; ;) {
    const quoted = readQuoted(text, at, isEnd, delimiter, mayHaveLineEnds);
    if (quoted === 'more') return undefined;
    let end: number;
    if (quoted) {
      values.push(quoted.value);
      lines += quoted.lines;
      ({ end } = quoted);
    } else {
      end = endOfPlain(text, at, delimiter);
      if (end >= text.length && !isEnd) return undefined;
      values.push(text.slice(at, end).trim());
    }
    const isLast = text.charAt(end) !== delimiter;
    at = end + 1;
    if (isLast) return { values, next: at, lines: lines + 1 };
  }
}

function endOfPlain(text: string, start: number, delimiter: string): number {
  const code = delimiter.charCodeAt(0);
  for (let at = start; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === code || char === LINE_END) return at;
  }
  return text.length;
}

/** @returns undefined when the value is not quoted; `more` when more text is needed to tell. */
function readQuoted(
  text: string,
  start: number,
  isEnd: boolean,
  delimiter: string,
  mayHaveLineEnds: boolean,
): { readonly value: string; readonly end: number; readonly lines: number } | 'more' | undefined {
  const open = skipSpaces(text, start, delimiter);
  if (open >= text.length && !isEnd) return 'more';
  if (text.charAt(open) !== '"') return undefined;
  for (let from = open + 1; ;) {
    const close = text.indexOf('"', from);
    if (close < 0 || close - open > MAX_LENGTH)
      return close < 0 && !isEnd && text.length - open <= MAX_LENGTH ? 'more' : undefined;
    if (close + 1 >= text.length && !isEnd) return 'more';
    if (text.charAt(close + 1) === '"') {
      from = close + 2;
      continue;
    }
    const end = skipSpaces(text, close + 1, delimiter);
    if (end >= text.length && !isEnd) return 'more';
    if (end < text.length && text.charAt(end) !== delimiter && text.charAt(end) !== '\n') return undefined;
    const value = text.slice(open + 1, close);
    const lines = value.split('\n').length - 1;
    // In tab-separated text, a quote is usually a letter. Tabs and line ends are hardly ever both in one value.
    if (lines > 0 && (!mayHaveLineEnds || (delimiter === '\t' && value.includes('\t')))) return undefined;
    return { value: value.replaceAll('""', '"').trim(), end, lines };
  }
}

const LINE_END = 10;

function skipSpaces(text: string, start: number, delimiter: string): number {
  let at = start;
  while (at < text.length && text.charAt(at) !== delimiter && /[^\S\n]/.test(text.charAt(at))) at++;
  return at;
}

async function* unifyLineEnds(text: AsyncIterable<string>): AsyncGenerator<string, void> {
  let held = '';
  for await (const chunk of text) {
    const all = held + chunk;
    // The line feed of a pair may be in the next chunk.
    held = all.endsWith('\r') ? '\r' : '';
    yield all.slice(0, all.length - held.length).replace(/\r\n?/g, '\n');
  }
  if (held !== '') yield '\n';
}
