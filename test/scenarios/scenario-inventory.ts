/**
 * The inventory of scenarios: a table of twelve red and six green items with their pictures. It is imported once per process;
 * every bot gets a copy, because an import costs more than what most tests are about.
 */

import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import type { KnownSource } from '../../src/reindex/known-sources.ts';
import type { DataFolder } from '../../src/store/data-folder.ts';
import { colourPhoto } from './colour-photo.ts';

interface TestItem {
  readonly id: string;
  readonly colour: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Name of the source, and base name of its table. */
const SOURCE = 'items';

/** As in a shop's export. For all other items, the availability is unknown. */
const AVAILABILITY: Readonly<Record<string, { readonly availability: string }>> = {
  'red-1': { availability: 'in stock' },
  'red-2': { availability: 'out of stock' },
  'red-3': { availability: 'preorder' },
};

/** Where the parts of an inventory are below its root. */
export function inventoryPaths(root: string): { source: string; table: string; data: string } {
  const source = join(root, 'source');
  return { source, table: join(source, `${SOURCE}.jsonl`), data: join(root, 'data') };
}

/**
 * Writes a copy of the imported inventory: its source and its data folder.
 * @param root an empty folder.
 * @param importInto opens the data folder of an inventory, imports its table, and closes it. Called once per process.
 */
export async function copyInventory(
  root: string,
  importInto: (root: string) => Promise<void>,
): Promise<void> {
  imported ??= importOnce(importInto);
  for (const [path, bytes] of await imported) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), bytes);
  }
}

/** Makes the source known where the copy is, not where it was imported. */
export async function moveSource({ store }: Pick<DataFolder, 'store'>, table: string): Promise<void> {
  const records = store.namespace<KnownSource>('sources');
  const record = await records.get(SOURCE);
  if (!record) throw new Error(`The inventory has no source ${SOURCE}.`);
  await records.set(SOURCE, { ...record, path: table });
}

export async function addItem(source: string, { id, colour, labels }: TestItem): Promise<void> {
  await writeFile(join(source, `${id}.jpg`), await colourPhoto(colour));
  const row = {
    id,
    title: `Item <${id}> & more`,
    picture: `${id}.jpg`,
    link: `https://shop.example/${id}`,
    ...AVAILABILITY[id],
    ...labels,
  };
  await writeFile(join(source, `${SOURCE}.jsonl`), `${JSON.stringify(row)}\n`, { flag: 'a' });
}

// --- Internal helpers ---

/** Every file below the root of the inventory that was imported, by relative path. */
let imported: Promise<ReadonlyMap<string, Buffer>> | undefined;

async function importOnce(importInto: (root: string) => Promise<void>): Promise<ReadonlyMap<string, Buffer>> {
  const root = await mkdtemp(join(tmpdir(), 'scenario-inventory-'));
  try {
    await writeItems(inventoryPaths(root).source);
    await importInto(root);
    const files = new Map<string, Buffer>();
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile()) files.set(relative(root, path), await readFile(path));
    }
    return files;
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function writeItems(source: string): Promise<void> {
  await mkdir(source);
  const reds = Array.from({ length: 12 }, (_, n): TestItem => ({
    id: `red-${n + 1}`,
    colour: `rgb(240, ${n * 9}, ${24 + n * 4})`,
    labels: {
      type: n % 6 === 5 ? 'Ties' : 'Shirts',
      colour: n < 6 ? 'Red' : 'Maroon',
      gender: n % 2 === 0 ? 'Men' : 'Women',
    },
  }));
  const greens = Array.from({ length: 6 }, (_, n): TestItem => ({
    id: `green-${n + 1}`,
    colour: `rgb(${n * 10}, 230, 20)`,
    labels: { type: 'Dresses', colour: 'Green', gender: 'Women' },
  }));
  for (const item of [...reds, ...greens]) await addItem(source, item);
}
