/** Finds out what kind of inventory a path is. */

import { stat } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { hasCode, messageOf, OperatorError } from '../../errors.ts';
import { findDataset, openDatasetSource } from './dataset-source.ts';
import type { FileTree } from './file-tree.ts';
import { openFolderSource } from './folder-source.ts';
import { openFolderTree } from './folder-tree.ts';
import type { Source } from './source.ts';
import { openTableSource, TABLE_EXTENSIONS } from './table-source.ts';
import { openZipTree } from './zip-tree.ts';

export interface OpenSourceOptions {
  /** 1 to 100 characters. Default: the base name of the path, without extension. */
  readonly name?: string;
}

const EXPECTED =
  'Expected a folder or .zip of pictures, the published data set as a folder or .zip, or a table (.csv, .tsv, .jsonl, .ndjson) ' +
  'with a column that names the picture of each row';

/** A folder with one of these is that table. */
const TABLES_OF_FOLDERS = ['items.jsonl', 'items.csv'];

/** @throws {OperatorError} when there is nothing, nothing of a known kind, or nothing in it, and says what was expected. */
export async function openSource(path: string, options: OpenSourceOptions = {}): Promise<Source> {
  const absolute = resolve(path);
  const stats = await stat(absolute).catch((error: unknown) => {
    const what = hasCode(error, 'ENOENT') ? 'there is nothing there' : messageOf(error);
    throw new OperatorError(`${path} cannot be imported: ${what}. ${EXPECTED}.`, { cause: error });
  });
  const extension = stats.isDirectory() ? '' : extname(absolute).toLowerCase();
  const name = sourceName(options.name ?? basename(absolute, stats.isDirectory() ? '' : extname(absolute)));

  if (stats.isDirectory()) {
    for (const table of TABLES_OF_FOLDERS) {
      if (await isFile(join(absolute, table))) return openTableSource(join(absolute, table), name);
    }
    return openTreeSource(await openFolderTree(absolute), name);
  }
  if (extension === '.zip') return openTreeSource(await openZipTree(absolute), name);
  if (TABLE_EXTENSIONS.includes(extension)) return openTableSource(absolute, name);
  throw new OperatorError(
    `${path} cannot be imported: it is ${extension === '' ? 'a file without an extension' : `a ${extension} file`}. ${EXPECTED}.`,
  );
}

// --- Internal helpers ---

async function openTreeSource(tree: FileTree, name: string): Promise<Source> {
  try {
    const dataset = findDataset(tree);
    return dataset ? await openDatasetSource(tree, dataset, name) : openFolderSource(tree, name);
  } catch (error) {
    await tree.close();
    if (error instanceof OperatorError) throw error;
    throw new OperatorError(`${tree.path} cannot be imported: ${messageOf(error)}. ${EXPECTED}.`, {
      cause: error,
    });
  }
}

function sourceName(given: string): string {
  const name = given.normalize('NFC').trim();
  if (name.length === 0 || name.length > 100 || /[\p{Cc}\p{Cs}]/u.test(name)) {
    throw new OperatorError(
      'The name of a source is 1 to 100 characters. Give another one with --name NAME.',
    );
  }
  return name;
}

function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}
