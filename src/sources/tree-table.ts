/** Finds the table that describes the pictures of a folder or zip file. */

import { extname } from 'node:path/posix';
import { OperatorError } from '../util/errors.ts';
import { findColumns } from './columns.ts';
import { detectDialect } from './feed/table-dialect.ts';
import { readRows } from './feed/table-rows.ts';
import type { FileTree } from './file-tree.ts';
import { decodeText } from './text/charset.ts';
import { topFolder } from './top-folder.ts';

/**
 * `items.jsonl` or `items.csv` at the top, or within the only folder at the top of a zip file; otherwise the only table there that
 * has a picture column.
 * @returns its path; undefined when there is none.
 * @throws {OperatorError} when there are several.
 */
export async function tableIn(tree: FileTree): Promise<string | undefined> {
  const top = topFolder(tree);
  for (const name of TABLE_NAMES) if (tree.files.includes(top + name)) return top + name;
  const found: string[] = [];
  for (const file of tree.files) {
    if (!file.startsWith(top) || file.slice(top.length).includes('/')) continue;
    if (EXTENSIONS.includes(extname(file).toLowerCase()) && (await namesPictures(tree, file)))
      found.push(file);
  }
  if (found.length > 1) {
    throw new OperatorError(
      `${tree.path} holds several tables with pictures: ${found.join(', ')}. Leave one of them there, or import one by its own path.`,
    );
  }
  return found[0];
}

// --- Internal helpers ---

const TABLE_NAMES = ['items.jsonl', 'items.csv'];
const EXTENSIONS = ['.csv', '.tsv', '.jsonl', '.ndjson', '.txt', '.xml', '.json'];
const MAX_BYTES = 256_000_000;

async function namesPictures(tree: FileTree, file: string): Promise<boolean> {
  const bytes = await tree.read(file, MAX_BYTES).catch(() => undefined);
  if (!bytes) return false;
  const start = (await decodeText(bytes.subarray(0, 65_536))).trimStart();
  if (start.startsWith('<')) return /<(\w+:)?image_link\b/i.test(start);
  if (/^[{[]/.test(start)) return /"(image_?link|picture|image|images|photo|file)"\s*:/i.test(start);
  const { delimiter, rowsBefore } = await detectDialect(start);
  let rows = 0;
  // eslint-disable-next-line @typescript-eslint/require-await -- a stream of one chunk
  const text = async function* () {
    yield start.replace(/^"?sep=.*\n/i, '');
  };
  for await (const { values } of readRows(text(), { delimiter, width: () => undefined })) {
    if (rows++ < rowsBefore) continue;
    const { fields } = findColumns(values);
    // One known column alone may be a word in a text.
    return fields.has('picture') && values.length > 1 && fields.size > 1;
  }
  return false;
}
