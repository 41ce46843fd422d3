/**
 * Makes the demo inventory that ships, `assets/demo-inventory/`, from the published data set:
 * `npx tsx scripts/demo-inventory.ts [DATA FOLDER]`. With `--index` it only makes the index again, for another model.
 */

import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pMap from 'p-map';
import sharp from 'sharp';
import { readConfig } from '../src/config/config.ts';
import { OperatorError } from '../src/util/errors.ts';
import { DEMO_SOURCE } from '../src/reindex/known-sources.ts';
import { openSource } from '../src/sources/open-source.ts';
import type { ItemRecord, SourceItem } from '../src/sources/source.ts';
import { createLogger } from '../src/util/logger.ts';
import { createApp } from '../src/create-app.ts';
import { runCommandLine } from './run-command-line.ts';
import { selectDemoItems } from './select-demo-items.ts';

const ITEMS = 1_200;
/** With the index, the demo inventory stays under 12 MB, even when files take whole blocks of 4 KiB. */
const MAX_PICTURE_BYTES = 7_000_000;

const root = fileURLToPath(new URL('..', import.meta.url));
const target = join(root, 'assets', 'demo-inventory');

const USAGE = `Usage: npx tsx scripts/demo-inventory.ts [DATA FOLDER | --index]

Makes the demo inventory from the published data set (default ../shared/data). --index makes only its index again.`;

process.exitCode = await runCommandLine(USAGE, async ([argument]) => {
  if (argument === '--index') await index();
  else await makeDemoInventory(argument ?? join(root, '..', 'shared', 'data'));
  return 0;
});

// --- Internal helpers ---

type Candidate = SourceItem & { readonly picture: ItemRecord };

async function makeDemoInventory(data: string): Promise<void> {
  const labelled = await openSource(join(data, 'fashion-product-images-small.zip'));
  const pictured = await openSource(join(data, 'fashion-product-images-225x300.zip'));
  try {
    const pictures = new Map<string, ItemRecord>();
    for await (const record of pictured.records()) {
      if (record.kind === 'item') pictures.set(basename(record.item.id), record);
    }
    const candidates: Candidate[] = [];
    for await (const record of labelled.records()) {
      const picture = record.kind === 'item' && record.item.labels.type && pictures.get(record.item.id);
      if (picture) candidates.push({ ...record.item, picture });
    }
    const chosen = selectDemoItems(candidates, ITEMS);
    const { quality, files } = await compress(chosen);
    await write(chosen, files);
    await index();
    const bytes = files.reduce((sum, file) => sum + file.length, 0);
    console.log(
      `Chose ${chosen.length} of ${candidates.length} items: ${(bytes / 1e6).toFixed(2)} MB of pictures at quality ${quality}.`,
    );
  } finally {
    await labelled.close();
    await pictured.close();
  }
}

/** Compresses the pictures at the best quality at which their total size is within the limit. */
async function compress(chosen: readonly Candidate[]): Promise<{ quality: number; files: Buffer[] }> {
  const originals = await pMap(chosen, ({ picture }) => picture.read(), { concurrency: 8 });
  for (let quality = 90; quality >= 40; quality -= 2) {
    const files = await pMap(originals, (bytes) => sharp(bytes).jpeg({ mozjpeg: true, quality }).toBuffer(), {
      concurrency: 2,
    });
    if (files.reduce((sum, file) => sum + file.length, 0) <= MAX_PICTURE_BYTES) return { quality, files };
  }
  throw new OperatorError(
    `The pictures do not fit into ${MAX_PICTURE_BYTES} bytes at any quality. Choose fewer items.`,
  );
}

async function write(chosen: readonly Candidate[], files: readonly Buffer[]): Promise<void> {
  await rm(join(target, 'images'), { recursive: true, force: true });
  await mkdir(join(target, 'images'), { recursive: true });
  for (const [place, { id }] of chosen.entries()) {
    await writeFile(join(target, 'images', `${id}.jpg`), files[place] ?? '');
  }
  const lines = chosen.map(({ id, title, labels }) =>
    JSON.stringify({ id, title, labels, file: `images/${id}.jpg` }),
  );
  await writeFile(join(target, 'items.jsonl'), `${lines.join('\n')}\n`);
  await writeFile(join(target, 'NOTICE'), notice(chosen.length));
}

/** Imports the demo inventory like any source and keeps the resulting index. */
async function index(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'demo-inventory-'));
  const app = await createApp({
    config: readConfig({ DATA_DIR: folder }),
    logger: createLogger('warn'),
    purpose: 'making the demo inventory',
    mode: 'repair',
  });
  try {
    await app.inventory.import(join(target, 'items.jsonl'), { name: DEMO_SOURCE });
  } finally {
    await app.close();
  }
  await rm(join(target, 'index'), { recursive: true, force: true });
  await cp(join(folder, 'index'), join(target, 'index'), { recursive: true });
  await rm(folder, { recursive: true });
}

function notice(count: number): string {
  return `The demo inventory

The ${count} pictures, titles and labels in this folder are a selection from the public data set
"Fashion Product Images (Small)". They belong to their owners and are here for demonstration only:
nothing in this folder is for sale, and the licence of this project does not cover it.

How it was made (scripts/demo-inventory.ts): the items were chosen so that article types, genders and
colours are balanced. Pictures of 225x300 pixels were compressed again as JPEG. Titles and labels are as
in the data set. Everything in index/ was computed from these pictures.
`;
}
