/** Measures a reindex: without changes, with a few changes, and the answers to users during it. */

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pMap from 'p-map';
import sharp from 'sharp';
import { OperatorError } from '../../src/util/errors.ts';
import { openSource } from '../../src/sources/open-source.ts';
import type { SourceItem } from '../../src/sources/source.ts';
import { median } from '../statistics.ts';
import { startChild, summaryLine } from './child.ts';
import { load, phonePhotos } from './clients.ts';
import { atMost, type Figure } from './figures.ts';
import { measureRecall } from './recall.ts';

/** How many items are added, how many changed and how many removed. */
const FEW = 100;
/** With at least this many items, the removed ones are at most a fifth. */
const LEAST = 5 * FEW;
/** How often a reindex without changes is measured. */
const REPEATS = 5;
const COMMAND = 'npm run benchmark -- reindex';

interface ShopItem extends SourceItem {
  /** Name of the picture's file. */
  readonly picture: string;
}

export async function measureReindex(setting: {
  readonly inventory: string;
  readonly photos: string;
  /** Largest number of items to use. */
  readonly items: number;
}): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'benchmark-reindex-'));
  const shop = join(folder, 'shop');
  const environment = { DATA_DIR: join(folder, 'data') };
  try {
    const shopItems = await unpack(setting.inventory, shop, setting.items);
    if (shopItems.length < LEAST)
      throw new OperatorError(
        `Expected at least ${LEAST} items, because ${FEW} are removed and a reindex that loses more than a fifth needs confirmation; got ${shopItems.length}. ` +
          'Allow more with --items, or name a larger inventory with --inventory.',
      );
    await inventory(['import', shop], environment);
    const nothing: number[] = [];
    for (let time = 0; time < REPEATS; time++) {
      const { seconds, output } = await inventory(['reindex'], environment);
      expectFacts(output, 0);
      nothing.push(seconds);
    }
    console.error(`Reindex without changes: ${nothing.map((seconds) => seconds.toFixed(1)).join(', ')} s.`);
    const changed = await change(shop, shopItems);
    const few = await inventory(['reindex'], environment);
    expectFacts(few.output, FEW);
    const [recall] = await measureRecall({ data: environment.DATA_DIR });
    const items = shopItems.length;
    return [
      atMost(
        `reindex of ${items} items without changes, median of ${REPEATS}`,
        median(nothing),
        15,
        's',
        COMMAND,
      ),
      atMost(
        `reindex of ${changed} items with ${FEW} added, ${FEW} changed, ${FEW} removed`,
        few.seconds,
        30,
        's',
        COMMAND,
      ),
      { ...recall!, what: `after it: ${recall!.what}`, command: COMMAND },
      ...(await measureAnswers(setting.photos, environment)),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

// --- Internal helpers ---

/** Median answer times while pictures are embedded and while the graph is built, compared with the idle process. */
async function measureAnswers(
  photoFolder: string,
  environment: Readonly<Record<string, string>>,
): Promise<Figure[]> {
  const photos = await phonePhotos(photoFolder);
  const bot = startChild('./serving-while-importing.js', [], environment);
  const [, address = ''] = await bot.saw(/address (.+)/);
  const medianOf = async (clients: number): Promise<number> =>
    (await load({ address, photos, clients, seconds: 10 })).medianMs;
  const idle = { one: await medianOf(1), four: await medianOf(4) };
  bot.process.kill('SIGUSR2');
  await bot.saw(/phase embed/);
  const embedding = { one: await medianOf(1), four: await medianOf(4) };
  if (bot.output().includes('phase index')) console.error('The embedding ended before the clients did.');
  // Without clients, this phase is reached soon.
  await bot.saw(/phase index/);
  const building = await medianOf(1);
  if (bot.output().includes('import finished'))
    console.error('The graph was built before the client had finished.');
  bot.process.kill('SIGTERM');
  await bot.ended;
  console.error(
    `Median answers: one client ${idle.one.toFixed(0)} ms idle, ${embedding.one.toFixed(0)} ms while embedding, ` +
      `${building.toFixed(0)} ms while building; four clients ${idle.four.toFixed(0)} ms idle, ${embedding.four.toFixed(0)} ms while embedding.`,
  );
  const limit = 1.5;
  return [
    atMost(
      'median answer during a full reindex, one client',
      embedding.one / idle.one,
      limit,
      'x idle',
      COMMAND,
    ),
    atMost('the same, four clients', embedding.four / idle.four, limit, 'x idle', COMMAND),
    atMost('the same while the graph is built, one client', building / idle.one, limit, 'x idle', COMMAND),
  ];
}

/** Runs npm run inventory to its end. */
async function inventory(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<{ seconds: number; output: string }> {
  const started = performance.now();
  const child = startChild('../inventory.js', args, environment);
  if ((await child.ended) !== 0)
    throw new Error(`npm run inventory -- ${args.join(' ')} failed:\n${child.output()}`);
  console.error(summaryLine(child.output()));
  return { seconds: (performance.now() - started) / 1000, output: child.output() };
}

function expectFacts(output: string, count: number): void {
  const facts = `${count} added, ${count} changed, ${count} removed`;
  if (!output.includes(facts)) throw new Error(`Expected "${facts}", got:\n${output}`);
}

/** Writes the inventory as files: `items.jsonl` and the pictures. */
async function unpack(path: string, shop: string, limit: number): Promise<ShopItem[]> {
  await mkdir(shop);
  const source = await openSource(path);
  const shopItems: ShopItem[] = [];
  try {
    for await (const record of source.records()) {
      if (shopItems.length >= limit) break;
      if (record.kind === 'rejected') continue;
      const picture = `${shopItems.length}.jpg`;
      await writeFile(join(shop, picture), await record.read());
      shopItems.push({ ...record.item, picture });
    }
  } finally {
    await source.close();
  }
  await writeTable(shop, shopItems);
  return shopItems;
}

/** Removes, changes and adds items. @returns the new number of items. */
async function change(shop: string, shopItems: readonly ShopItem[]): Promise<number> {
  const [removed, replaced, copied] = [
    shopItems.slice(0, FEW),
    shopItems.slice(FEW, 2 * FEW),
    shopItems.slice(2 * FEW, 3 * FEW),
  ];
  const mirrored = async (from: string, to: string): Promise<void> => {
    const bytes = await sharp(await readFile(join(shop, from)))
      .flop()
      .jpeg({ quality: 90 })
      .toBuffer();
    await writeFile(join(shop, to), bytes);
  };
  await pMap(replaced, ({ picture }) => mirrored(picture, picture), { concurrency: 4 });
  const added = copied.map((item) => ({ ...item, id: `new-${item.id}`, picture: `new-${item.picture}` }));
  await pMap(copied, ({ picture }) => mirrored(picture, `new-${picture}`), { concurrency: 4 });
  const after = [...shopItems.slice(removed.length), ...added];
  await writeTable(shop, after);
  return after.length;
}

async function writeTable(shop: string, shopItems: readonly ShopItem[]): Promise<void> {
  const rows = shopItems.map(({ labels, ...item }) => JSON.stringify({ ...item, ...labels }));
  await writeFile(join(shop, 'items.jsonl'), `${rows.join('\n')}\n`);
}
