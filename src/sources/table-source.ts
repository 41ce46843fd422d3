/** An inventory in a table, CSV or JSON lines, with a column that names the picture of each row. */

import { stat } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import { messageOf, OperatorError } from '../util/errors.ts';
import { PHOTO_LIMITS } from '../photo/photo-limits.ts';
import { createIdRegister, itemFrom } from './fields.ts';
import { withoutExtension } from './folder-source.ts';
import { readRegularFile } from './folder-tree.ts';
import type { Source, SourceRecord } from './source.ts';
import { csvTable, jsonLinesTable, requireColumn } from './table.ts';
import { decodeText } from './decode-text.ts';

/** Lower-case extensions, with the dot. */
export const TABLE_EXTENSIONS = ['.csv', '.tsv', '.jsonl', '.ndjson'];

/** The table is held in memory; 256 MB are about two million rows. */
const MAX_TABLE_BYTES = 256_000_000;

/**
 * Paths of pictures are relative to the table. If the table has no id column, the names of the pictures are the ids.
 * @param path ends in one of `TABLE_EXTENSIONS`.
 * @throws {OperatorError} when the table cannot be read, has no rows, or has no picture column.
 */
export async function openTableSource(path: string, name: string): Promise<Source> {
  const bytes = await readRegularFile(path, MAX_TABLE_BYTES).catch((error: unknown) => {
    throw new OperatorError(`The table ${path} cannot be read: ${messageOf(error)}.`, { cause: error });
  });
  const isCsv = ['.csv', '.tsv'].includes(extname(path).toLowerCase());
  const text = decodeText(bytes);
  const table = isCsv ? await csvTable(text) : jsonLinesTable(text);
  if (table.rows.length === 0) {
    throw new OperatorError(
      `The table ${path} has no rows. Expected ${isCsv ? 'a header and then a row' : 'a JSON object on a line'} for each item.`,
    );
  }
  requireColumn(table, 'picture', path);
  const hasIds = table.fields.has('id');

  async function* records(): AsyncGenerator<SourceRecord, void> {
    const ids = createIdRegister();
    for (const { line, read } of table.rows) {
      const where = `${basename(path)} line ${line}`;
      const record = await recordFrom(read());
      const reason = 'reason' in record ? record.reason : ids.claim(record.item.id, where);
      if (reason !== undefined) yield { kind: 'rejected', where, reason };
      else if ('item' in record) yield { kind: 'item', where, item: record.item, read: record.read };
    }
  }

  async function recordFrom(fields: ReturnType<(typeof table.rows)[number]['read']>) {
    if ('reason' in fields) return fields;
    const picture = fields.picture?.trim().replaceAll('\\', '/');
    if (!picture) return { reason: 'it names no picture' };
    if (/^[a-z][a-z0-9+.-]+:/i.test(picture) && picture.includes('//')) {
      return {
        reason:
          'its picture is a web address, which is fetched only from a column called image_link: rename the column, or save the picture and name the file',
      };
    }
    const file = resolve(dirname(path), picture);
    const isFile = await stat(file).then(
      (stats) => stats.isFile(),
      () => false,
    );
    if (!isFile) return { reason: `there is no picture ${picture}` };
    const result = itemFrom(hasIds ? fields : { ...fields, id: withoutExtension(picture) });
    return 'reason' in result ? result : { ...result, read: () => readPicture(file, picture) };
  }

  return {
    name,
    description: isCsv ? 'table, CSV' : 'table, JSON lines',
    count: table.rows.length,
    records,
    close: () => Promise.resolve(),
  };
}

// --- Internal helpers ---

async function readPicture(file: string, picture: string): Promise<Uint8Array> {
  return readRegularFile(file, PHOTO_LIMITS.bytes).catch((error: unknown) => {
    throw new Error(`the picture ${picture} cannot be read: ${messageOf(error)}`, { cause: error });
  });
}
