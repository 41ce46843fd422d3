/** An inventory in a table, CSV or JSON lines, with a column that names the picture of each row. */

import { messageOf, OperatorError } from '../util/errors.ts';
import type { ColumnMapping } from './columns.ts';
import { MissingColumnError, missingColumn } from './feed/missing-column.ts';
import { openEntries } from './feed/open-entries.ts';
import { withoutExtension } from './folder-source.ts';
import { productRecords, type ProductSourceOptions } from './product-source.ts';
import type { Source } from './source.ts';
import type { ByteSource } from './text/charset.ts';

/** Lower-case extensions, with the dot. */
export const TABLE_EXTENSIONS = ['.csv', '.tsv', '.jsonl', '.ndjson'];

export interface TableSourceOptions extends Pick<ProductSourceOptions, 'openPicture' | 'currency' | 'base'> {
  readonly name: string;
  /** As messages show it. */
  readonly path: string;
  /** The name of the file, in front of line numbers. */
  readonly file: string;
  readonly bytes: ByteSource;
  readonly columns?: ColumnMapping | undefined;
  /** Called once, when the source is closed or cannot be opened. */
  readonly close: () => Promise<void>;
}

/**
 * If the table has no id column, the names of the pictures are the ids. Memory holds one product at a time.
 * @throws {OperatorError} when the table cannot be read, has no rows, or has no picture column. It is then closed.
 */
export async function openTableSource(options: TableSourceOptions): Promise<Source> {
  const { name, path, file } = options;
  const isCsv = !/\.(jsonl|ndjson)$/i.test(file);
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= options.close());
  try {
    const opened = await openEntries({
      ...options,
      format: isCsv ? 'csv' : 'jsonl',
      isTolerant: true,
    });
    const { entries, survey, columns } = opened;
    if (survey.entries === 0) {
      throw new OperatorError(
        `The table ${path} has no rows. Expected ${isCsv ? 'a header and then a row' : 'a JSON object on a line'} for each item.`,
      );
    }
    const found = new Set(columns.used.map(({ field }) => field));
    if (!found.has('picture') && !found.has('additional_picture')) {
      const names = [...columns.used.map(({ column }) => column), ...columns.ignored];
      throw new MissingColumnError(missingColumn('picture', names));
    }
    const hasIds = (['id', 'sku', 'group'] as const).some((field) => found.has(field));
    return {
      name,
      description: isCsv ? 'table, CSV' : 'table, JSON lines',
      count: survey.count,
      columns,
      records: () =>
        productRecords({
          ...options,
          entries,
          survey,
          where: ({ line, number }) => `${file} line ${line ?? number}`,
          idOf: hasIds ? undefined : (picture) => withoutExtension(picture.replaceAll('\\', '/')),
        }),
      close,
    };
  } catch (error) {
    await close();
    if (error instanceof OperatorError) throw error;
    if (error instanceof MissingColumnError)
      throw new OperatorError(`${path} ${error.message.replace(/^it /, '')}.`, { cause: error });
    throw new OperatorError(`The table ${path} cannot be read: ${messageOf(error)}.`, { cause: error });
  }
}
