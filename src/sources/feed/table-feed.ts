/** Parses a table: perhaps some lines of comment, a header, then a row for each item or variant. */

import { attributesIn, type Columns, checkMapping, findColumns, pickFields } from '../columns.ts';
import type { Field, Fields } from '../column-names.ts';
import { MissingColumnError, missingColumn } from './missing-column.ts';
import type { EntryFields, FeedEntry, FeedParser } from './feed-entry.ts';
import { detectDialect, SNIFFED_LENGTH, type TableDialect, withoutSeparatorLine } from './table-dialect.ts';
import { readRows } from './table-rows.ts';

/** Streams: memory holds one row at a time. @throws {MissingColumnError} when there is no picture column. */
export const parseTableFeed: FeedParser = async function* (text, options = {}) {
  const { columns: mapping = {}, onColumns, isTolerant = false, required = 'picture' } = options;
  const end: TextEnd = { isLineEnd: true };
  const { start, all } = await peek(text, end);
  const dialect = await detectDialect(start, mapping);
  const { delimiter, rowsBefore, hasSeparatorLine } = dialect;
  let header: Header | undefined;
  let last: { values: readonly string[]; line: number } | undefined;
  let rows = 0;
  const place = createPlacing();
  const reading = { delimiter, width: () => header?.names.length };
  const lines = hasSeparatorLine ? withoutSeparatorLine(all) : all;
  for await (const row of readRows(lines, reading)) {
    const values = row.values;
    const line = row.line + (hasSeparatorLine ? 1 : 0);
    if (rows++ < rowsBefore) continue;
    if (!header) {
      checkMapping(mapping, values);
      header = { names: values, columns: findColumns(values, mapping), attributeNames: new Map() };
      onColumns?.(values, header.columns);
      requireColumn(header, required);
      continue;
    }
    // One row behind, because only at the end is it known whether the last row is complete.
    if (last) yield place({ line: last.line, ...entryOf(header, last.values, dialect) });
    last = { values, line };
  }
  if (!last || !header) return;
  if (!isTolerant && !end.isLineEnd && last.values.length < header.names.length) {
    throw new Error('it ends in the middle of its last line, so it was cut off');
  }
  yield place({ line: last.line, ...entryOf(header, last.values, dialect) });
};

// --- Internal helpers ---

interface Header {
  readonly names: readonly string[];
  readonly columns: Columns;
  /** The last name in each column of names of attributes. */
  readonly attributeNames: Map<number, string>;
}

/** How the text that has been read so far ends. */
interface TextEnd {
  isLineEnd: boolean;
}

/** @returns the first characters, without white space before them, and all of the text. */
async function peek(
  text: AsyncIterable<string>,
  end: TextEnd,
): Promise<{ start: string; all: AsyncIterable<string> }> {
  const chunks = text[Symbol.asyncIterator]();
  let start = '';
  while (start.length < SNIFFED_LENGTH) {
    const step: IteratorResult<string, unknown> = await chunks.next();
    if (step.done) break;
    start += step.value;
  }
  async function* all(): AsyncGenerator<string, void> {
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
  return { start, all: all() };
}

function requireColumn({ names, columns }: Header, field: Field): void {
  if (columns.fields.has(field) || (field === 'picture' && columns.pictures.length > 0)) return;
  throw new MissingColumnError(missingColumn(field, names));
}

/** Accepts unquoted separators in a title in the last column, because the published data set has them. */
function entryOf(
  header: Header,
  values: readonly string[],
  dialect: TableDialect,
): EntryFields | Omit<FeedEntry & { reason: string }, 'line'> {
  const { names, columns } = header;
  const last = names.length - 1;
  let row = values;
  if (values.length > names.length && values.slice(names.length).some((value) => value !== '')) {
    if (columns.fields.get('title') !== last) {
      return {
        reason: `it has ${values.length} fields where the header has ${names.length}; put quotes around values that have a "${dialect.delimiter}" in them`,
      };
    }
    row = [...values.slice(0, last), values.slice(last).join(`${dialect.delimiter} `)];
  }
  const other =
    values.length === 1 && names.length > 1 ? otherDelimiter(values[0] ?? '', names.length) : undefined;
  if (other !== undefined) {
    return {
      reason: `its values are separated by "${other}", but those of the header by "${dialect.delimiter}"; save the table with one separator`,
    };
  }
  return { fields: pickFields(columns, withAttributeNames(header, row)) };
}

/** Shopify names the options of a product in its first row only. */
function withAttributeNames({ columns, attributeNames }: Header, row: readonly string[]): readonly string[] {
  let named: string[] | undefined;
  for (const { name, value } of columns.attributes) {
    const given = row[name];
    if (given) attributeNames.set(name, given);
    else if (row[value]) {
      named ??= [...row];
      named[name] = attributeNames.get(name) ?? '';
    }
  }
  return named ?? row;
}

/** BigCommerce writes the variants and pictures of a product in the rows below it, and says in each row what it is. */
function createPlacing(): (entry: FeedEntry) => FeedEntry {
  let above: string | undefined;
  return (entry) => {
    if ('reason' in entry) return entry;
    const { row_kind: kind = '', ...fields } = entry.fields;
    switch (kind.toLowerCase()) {
      case 'product':
        above = fields.id;
        return { ...entry, fields };
      case 'variant':
      case 'sku':
        return { ...entry, fields: { ...variantFields(fields), group: above } };
      case 'image': {
        const { picture, additional_picture } = fields;
        return { ...entry, fields: { picture, additional_picture, group: above } };
      }
      case 'rule':
      case 'modifier':
      case 'video':
      case 'custom field':
        return { ...entry, fields: {} };
      default:
        return entry;
    }
  };
}

/** The title of a variant lists its options: `[S]Size=M,[CS]Color=Red`. */
function variantFields({ title = '', ...fields }: Fields): Fields {
  const [size, colour] = (['size', 'colou?r'] as const).map(
    (name) => attributesIn(title).find(([option]) => new RegExp(`^${name}$`, 'i').test(option))?.[1],
  );
  return { size, colour, ...fields };
}

/** The separator that would make a whole row of this value. */
function otherDelimiter(value: string, width: number): string | undefined {
  return [',', ';', '\t', '|'].find((delimiter) => value.split(delimiter).length === width);
}
