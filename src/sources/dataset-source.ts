/** The published "Fashion Product Images" data set, small or large edition, as a folder or a zip file. */

import { basename, dirname } from 'node:path/posix';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { canonicalId } from '../catalogue/catalogue.ts';
import { OperatorError } from '../util/errors.ts';
import type { Fields } from './column-names.ts';
import type { FeedEntry } from './feed/feed-entry.ts';
import { MissingColumnError } from './feed/missing-column.ts';
import { parseTableFeed } from './feed/table-feed.ts';
import { createIdRegister, type IdRegister, itemFrom } from './fields.ts';
import { type FileTree, isPictureName } from './file-tree.ts';
import { readPicture, withoutExtension } from './folder-source.ts';
import type { Source, SourceRecord } from './source.ts';
import { bytesOf, decodeChunks, decodeText, detectCharset } from './text/charset.ts';

/** Where the parts of the data set are in a file tree. */
export interface DatasetLayout {
  /** Path of `styles.csv`. */
  readonly table: string | undefined;
  /** Paths of `styles/ID.json` by id; only the large edition has them. */
  readonly details: ReadonlyMap<string, string>;
  /** Paths of `images/ID.jpg`. */
  readonly pictures: readonly string[];
}

/** Undefined when the tree does not hold the data set. It may be below other folders; of several copies the outermost is used. */
export function findDataset(tree: FileTree): DatasetLayout | undefined {
  const roots = tree.files.map(rootOf).filter((root) => root !== undefined);
  const [root] = [...new Set(roots)].sort((a, b) => a.split('/').length - b.split('/').length);
  if (root === undefined) return undefined;
  const pictures = tree.files.filter((path) => dirname(path) === `${root}images` && isPictureName(path));
  if (pictures.length === 0) return undefined;
  const details = tree.files.filter((path) => dirname(path) === `${root}styles` && path.endsWith('.json'));
  return {
    table: tree.files.find((path) => path === `${root}styles.csv`),
    details: new Map(details.map((path) => [idOf(path), path])),
    pictures,
  };
}

/**
 * The rows of `styles.csv` come first, then items that have only a JSON file, then pictures that nothing describes, which get
 * no labels. Where a row and a JSON file describe the same item, the JSON file takes precedence. Owns the tree and closes it.
 * @throws {OperatorError} when `styles.csv` is not such a table.
 */
export async function openDatasetSource(
  tree: FileTree,
  layout: DatasetLayout,
  name: string,
): Promise<Source> {
  const rows: { where: string; entry: FeedEntry; id: string | undefined }[] = [];
  for await (const entry of tableRows(tree, layout)) {
    const id = 'reason' in entry ? undefined : canonicalId(entry.fields.id ?? '');
    if (rows.push({ where: `styles.csv line ${entry.line ?? 0}`, entry, id }) % ROWS_PER_TURN === 0)
      await setImmediate();
  }
  const inTable = new Set(rows.map(({ id }) => id));
  const detailsOnly = [...layout.details].filter(([id]) => !inTable.has(id));
  const pictureOf = new Map([...layout.pictures].reverse().map((path) => [idOf(path), path]));
  const undescribed = layout.pictures.filter((path) => {
    const id = idOf(path);
    const isDescribed = inTable.has(id) || layout.details.has(id);
    return !isDescribed || pictureOf.get(id) !== path;
  });

  async function* records(): AsyncGenerator<SourceRecord, void> {
    const ids = createIdRegister();
    for (const { where, entry, id } of rows) {
      if ('reason' in entry) yield { kind: 'rejected', where, reason: entry.reason };
      else yield record(where, { ...entry.fields, ...(await detailsOf(id)) }, id && pictureOf.get(id), ids);
    }
    for (const [id, where] of detailsOnly) {
      const fields = await detailsOf(id);
      if (fields) yield record(where, { id, ...fields }, pictureOf.get(id), ids);
      else {
        const reason =
          'it is not a JSON file of the data set; repair it, or remove it to import its picture without labels';
        yield { kind: 'rejected', where, reason };
      }
    }
    for (const path of undescribed) yield record(path, { id: idOf(path) }, path, ids);
  }

  /** Undefined when there is no usable JSON file. */
  async function detailsOf(id: string | undefined): Promise<Fields | undefined> {
    const path = id === undefined ? undefined : layout.details.get(id);
    if (path === undefined) return undefined;
    try {
      return fieldsOf(
        detailsSchema.parse(JSON.parse(await decodeText(await tree.read(path, MAX_DETAILS_BYTES)))),
      );
    } catch {
      return undefined;
    }
  }

  function record(where: string, fields: Fields, picture: string | undefined, ids: IdRegister): SourceRecord {
    const result = itemFrom(fields);
    if ('reason' in result) return { kind: 'rejected', where, reason: result.reason };
    const { item } = result;
    if (picture === undefined) {
      return { kind: 'rejected', where, reason: `there is no picture images/${item.id}.jpg` };
    }
    const reason = ids.claim(item.id, where);
    if (reason !== undefined) return { kind: 'rejected', where, reason };
    return { kind: 'item', where, item, read: () => readPicture(tree, picture) };
  }

  return {
    name,
    description: `data set, ${tree.kind}`,
    count: rows.length + detailsOnly.length + undescribed.length,
    records,
    close: () => tree.close(),
  };
}

// --- Internal helpers ---

/** The largest published files have 3 MB (44,446 rows) and 60 kB. */
const MAX_TABLE_BYTES = 100_000_000;
const MAX_DETAILS_BYTES = 1_000_000;
/** Rows prepared before other work gets a turn; they take 3 to 5 ms. */
const ROWS_PER_TURN = 1_000;

const text = z.union([z.string(), z.number()]).transform(String).nullish().catch(undefined);
const typeName = z.object({ typeName: text }).nullish().catch(undefined);
const detailsSchema = z.object({
  data: z.object({
    productDisplayName: text,
    price: z.number().positive().nullish().catch(undefined),
    gender: text,
    baseColour: text,
    season: text,
    usage: text,
    articleType: typeName,
    masterCategory: typeName,
    subCategory: typeName,
  }),
});

function fieldsOf({ data }: z.infer<typeof detailsSchema>): Fields {
  const fields: Fields = {
    title: data.productDisplayName ?? undefined,
    // The data set comes from an Indian shop.
    price: data.price ? `${data.price} INR` : undefined,
    gender: data.gender ?? undefined,
    colour: data.baseColour ?? undefined,
    season: data.season ?? undefined,
    usage: data.usage ?? undefined,
    type: data.articleType?.typeName ?? undefined,
    category: data.masterCategory?.typeName ?? undefined,
    subcategory: data.subCategory?.typeName ?? undefined,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

async function* tableRows(tree: FileTree, layout: DatasetLayout): AsyncGenerator<FeedEntry, void> {
  if (layout.table === undefined) return;
  const bytes = bytesOf(await tree.read(layout.table, MAX_TABLE_BYTES));
  const text = decodeChunks(bytes, await detectCharset(bytes));
  try {
    yield* parseTableFeed(text, { required: 'id', isTolerant: true });
  } catch (error) {
    if (!(error instanceof MissingColumnError)) throw error;
    throw new OperatorError(`${tree.path}: ${layout.table} ${error.message.replace(/^it /, '')}.`, {
      cause: error,
    });
  }
}

/** The folder of the data set, with a `/` at its end, if this path is its `styles.csv` or one of its JSON files. */
function rootOf(path: string): string | undefined {
  const match = /^(.*\/)?styles(?:\.csv|\/[^/]+\.json)$/s.exec(path);
  return match ? (match[1] ?? '') : undefined;
}

function idOf(path: string): string {
  const stem = withoutExtension(basename(path));
  return canonicalId(stem) ?? stem;
}
