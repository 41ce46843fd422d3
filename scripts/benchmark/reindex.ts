/** What a reindex costs: when nothing changed, when a little did, and those who ask meanwhile. */

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pMap from 'p-map';
import sharp from 'sharp';
import { OperatorError } from '../../src/util/errors.ts';
import { openSource } from '../../src/sources/open-source.ts';
import type { SourceItem } from '../../src/sources/source.ts';
import { median } from '../statistics.ts';
import { startChild } from './child.ts';
import { load, phonePhotos } from './clients.ts';
import { atMost, type Figure } from './figures.ts';
import { measureRecall } from './recall.ts';

/** Items that are added, changed and removed. */
const FEW = 100;
/** So many that those that are removed are not over a fifth. */
const LEAST = 5 * FEW;
/** Times that a reindex without changes is measured. */
const REPEATS = 5;
const COMMAND = 'npm run benchmark -- reindex';

interface Ware extends SourceItem {
  /** File name. */
  readonly picture: string;
}

export async function measureReindex(setting: {
  readonly inventory: string;
  readonly photos: string;
  /** At most so many items. */
  readonly items: number;
}): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'benchmark-reindex-'));
  const shop = join(folder, 'shop');
  const environment = { DATA_DIR: join(folder, 'data') };
  try {
    const wares = await unpack(setting.inventory, shop, setting.items);
    if (wares.length < LEAST)
      throw new OperatorError(
        `Expected at least ${LEAST} items, as ${FEW} are taken out and a reindex that loses more than a fifth asks first; got ${wares.length}. ` +
          'Name more with --items, or a larger inventory with --inventory.',
      );
    await inventory(['import', shop], environment);
    const nothing: number[] = [];
    for (let time = 0; time < REPEATS; time++) {
      const { seconds, output } = await inventory(['reindex'], environment);
      expectFacts(output, 0);
      nothing.push(seconds);
    }
    console.error(`nothing changed: ${nothing.map((seconds) => seconds.toFixed(1)).join(', ')} s`);
    const changed = await change(shop, wares);
    const few = await inventory(['reindex'], environment);
    expectFacts(few.output, FEW);
    const [recall] = await measureRecall({ data: environment.DATA_DIR });
    const items = wares.length;
    return [
      atMost(
        `reindex of ${items} items, nothing changed, median of ${REPEATS}`,
        median(nothing),
        15,
        's',
        COMMAND,
      ),
      atMost(
        `reindex of ${changed} items, ${FEW} added, ${FEW} changed, ${FEW} removed`,
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

/** Median answers while pictures are embedded and while the graph is built, against idle in the same process. */
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
  if (bot.output().includes('phase index')) console.error('the embedding ended before the clients did');
  // Without anybody asking it gets there fast.
  await bot.saw(/phase index/);
  const building = await medianOf(1);
  if (bot.output().includes('import finished'))
    console.error('the graph was built before the client had done');
  bot.process.kill('SIGTERM');
  await bot.ended;
  console.error(
    `median answers: one client ${idle.one.toFixed(0)} ms idle, ${embedding.one.toFixed(0)} ms while embedding, ` +
      `${building.toFixed(0)} ms while building; four clients ${idle.four.toFixed(0)} ms idle, ${embedding.four.toFixed(0)} ms while embedding`,
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

/** Runs the script to its end. */
async function inventory(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<{ seconds: number; output: string }> {
  const started = performance.now();
  const child = startChild('../inventory.js', args, environment);
  if ((await child.ended) !== 0)
    throw new Error(`npm run inventory -- ${args.join(' ')} failed:\n${child.output()}`);
  const line = child
    .output()
    .split('\n')
    .find((text) => text.includes('can be found now'));
  console.error(line);
  return { seconds: (performance.now() - started) / 1000, output: child.output() };
}

function expectFacts(output: string, count: number): void {
  const facts = `${count} added, ${count} changed, ${count} removed`;
  if (!output.includes(facts)) throw new Error(`Expected "${facts}", got:\n${output}`);
}

/** The inventory as files: `items.jsonl` and its pictures. */
async function unpack(path: string, shop: string, limit: number): Promise<Ware[]> {
  await mkdir(shop);
  const source = await openSource(path);
  const wares: Ware[] = [];
  try {
    for await (const record of source.records()) {
      if (wares.length >= limit) break;
      if (record.kind === 'rejected') continue;
      const picture = `${wares.length}.jpg`;
      await writeFile(join(shop, picture), await record.read());
      wares.push({ ...record.item, picture });
    }
  } finally {
    await source.close();
  }
  await writeTable(shop, wares);
  return wares;
}

/** @returns how many items there are then. */
async function change(shop: string, wares: readonly Ware[]): Promise<number> {
  const [removed, replaced, copied] = [
    wares.slice(0, FEW),
    wares.slice(FEW, 2 * FEW),
    wares.slice(2 * FEW, 3 * FEW),
  ];
  const mirrored = async (from: string, to: string): Promise<void> => {
    const bytes = await sharp(await readFile(join(shop, from)))
      .flop()
      .jpeg({ quality: 90 })
      .toBuffer();
    await writeFile(join(shop, to), bytes);
  };
  await pMap(replaced, ({ picture }) => mirrored(picture, picture), { concurrency: 4 });
  const added = copied.map((ware) => ({ ...ware, id: `new-${ware.id}`, picture: `new-${ware.picture}` }));
  await pMap(copied, ({ picture }) => mirrored(picture, `new-${picture}`), { concurrency: 4 });
  const after = [...wares.slice(removed.length), ...added];
  await writeTable(shop, after);
  return after.length;
}

async function writeTable(shop: string, wares: readonly Ware[]): Promise<void> {
  const rows = wares.map(({ labels, ...ware }) => JSON.stringify({ ...ware, ...labels }));
  await writeFile(join(shop, 'items.jsonl'), `${rows.join('\n')}\n`);
}
