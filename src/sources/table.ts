/** Reads a table with one row for each item, from CSV or JSON lines, into rows of known fields. */

import { OperatorError } from '../util/errors.ts';
import { type Csv, readCsv } from './csv.ts';
import { COLUMN_NAMES, type Field, type Fields, findColumns } from './fields.ts';

export interface TableRow {
  /** Line number, from 1. */
  readonly line: number;
  /** The fields of the row, or what is wrong with it. */
  readonly read: () => Fields | { readonly reason: string };
}

export interface Table {
  /** Known fields that have a column; in JSON lines, the fields that occur in the first 1,000 lines. */
  readonly fields: ReadonlySet<Field>;
  /** The names of the columns as the table spells them. */
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
}

export async function csvTable(text: string): Promise<Table> {
  const csv = await readCsv(text);
  const columns = findColumns(csv.header);
  return {
    fields: new Set(columns.keys()),
    columns: csv.header,
    rows: csv.rows.map(({ values, line }) => ({ line, read: () => csvFields(csv, columns, values) })),
  };
}

export function jsonLinesTable(text: string): Table {
  const rows = text
    .split(/\r\n?|\n/)
    .map((content, index) => ({ content, line: index + 1 }))
    .filter(({ content }) => content.trim() !== '')
    .map(({ content, line }) => ({ line, read: () => jsonFields(content) }));
  const columns = new Set<string>();
  const fields = new Set<Field>();
  for (const content of text.split(/\r\n?|\n/, SAMPLED_LINES)) {
    const record = jsonObject(content);
    for (const column of Object.keys(record ?? {})) columns.add(column);
    for (const field of record ? findColumns(Object.keys(record)).keys() : []) fields.add(field);
  }
  return { fields, columns: [...columns], rows };
}

/** @throws {OperatorError} that lists the columns found and the accepted names, when the table has no such column. */
export function requireColumn(table: Table, field: Field, path: string): void {
  if (table.fields.has(field)) return;
  const found = table.columns.slice(0, 50).map((column) => `"${column.slice(0, 50)}"`);
  throw new OperatorError(
    `${path} has no ${field} column. Its columns are ${found.join(', ') || '(none)'}; ` +
      `expected one of them to be called ${COLUMN_NAMES[field].join(', ')} (case, spaces, "_" and "-" are ignored).`,
  );
}

// --- Internal helpers ---

/** Lines of a JSON-lines file from which its fields are collected. */
const SAMPLED_LINES = 1_000;

/** Accepts unquoted commas in a title in the last column, because the published data set has them. */
function csvFields(
  csv: Csv,
  columns: ReadonlyMap<Field, number>,
  values: readonly string[],
): ReturnType<TableRow['read']> {
  const last = csv.header.length - 1;
  let row = values;
  if (values.length > csv.header.length && values.slice(last + 1).some((value) => value !== '')) {
    if (columns.get('title') !== last) {
      return {
        reason: `it has ${values.length} fields where the header has ${csv.header.length}; put quotes around values that have a "${csv.delimiter}" in them`,
      };
    }
    row = [...values.slice(0, last), values.slice(last).join(`${csv.delimiter} `)];
  }
  return Object.fromEntries([...columns].map(([field, index]) => [field, row[index]]));
}

function jsonFields(content: string): ReturnType<TableRow['read']> {
  const record = jsonObject(content);
  if (!record) return { reason: 'it is not a JSON object' };
  const { labels } = record;
  return { ...pickFields(record), ...(isObject(labels) && pickFields(labels)) };
}

function jsonObject(content: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(content);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function pickFields(record: Record<string, unknown>): Fields {
  const values = Object.values(record);
  return Object.fromEntries(
    [...findColumns(Object.keys(record))].map(([field, index]) => {
      const value = values[index];
      return [field, typeof value === 'string' || typeof value === 'number' ? String(value) : undefined];
    }),
  );
}
