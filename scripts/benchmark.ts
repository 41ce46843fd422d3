/** npm run benchmark: measures the product on a real inventory and compares the figures with their limits. */

import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { OperatorError } from '../src/util/errors.ts';
import { measureRecall } from './benchmark/recall.ts';
import { measureReindex } from './benchmark/reindex.ts';
import { measureServing } from './benchmark/serving.ts';
import { measureTraining } from './benchmark/training-step.ts';
import { startChild, summaryLine } from './benchmark/child.ts';
import { load, phonePhotos } from './benchmark/clients.ts';
import { atMost, type Figure, table } from './benchmark/figures.ts';
import { parseOptions, wholeNumber } from './parse-options.ts';
import { runCommandLine, UsageError } from './run-command-line.ts';

const USAGE = `Usage: npm run benchmark -- [PART...] [--inventory PATH] [--photos FOLDER] [--data FOLDER]

Parts (default: all but training, in this order; "serve" and "recall" need the data folder that "import" fills):
  import   import, embed and index from an empty data folder; then the same again without changes
  serve    time until the second start is ready; answers to one client and to eight
  loop     event-loop delay and answers while an import runs in the same process
  recall   recall@5 of the HNSW index compared with exact search, on the real vectors
  reindex  reindex of a folder made from the inventory: without changes; with 100 items added, changed and removed;
           answers during a full reindex. Filling that folder and its index takes twice as long as "import"
  training a step of npm run train (needs npm run setup:tensorflow); with --python also the same step in PyTorch

  --inventory PATH  default ../shared/data/fashion-product-images-small.zip
  --photos FOLDER   default ../shared/photos
  --data FOLDER     use and keep this data folder instead of a temporary one
  --items N         for "reindex": use only the first N items, at least 500
  --python PYTHON   for "training": a Python with torch, onnx and numpy`;

const COLD = 'import + embed + index from cold';

const PARTS = {
  import: measureImport,
  serve: measureServing,
  loop: measureLoop,
  recall: measureRecall,
  reindex: measureReindex,
  training: measureTraining,
};
type Part = keyof typeof PARTS;

interface Setting {
  readonly inventory: string;
  readonly photos: string;
  readonly data: string;
  readonly items: number;
  readonly python: string | undefined;
}

process.exitCode = await runCommandLine(USAGE, run);

async function run(args: string[]): Promise<number> {
  const { parts, setting, temporary } = await parse(args);
  const missing = [setting.inventory, setting.photos].find((path) => !existsSync(path));
  if (missing !== undefined)
    throw new OperatorError(`${missing} does not exist. Name another path with --inventory or --photos.`);
  const figures: Figure[] = [];
  try {
    for (const part of parts) {
      console.error(`Measuring: ${part}`);
      figures.push(...(await PARTS[part](setting)));
    }
  } finally {
    if (temporary) await rm(setting.data, { recursive: true, force: true });
  }
  process.stdout.write(table(figures));
  return figures.every(({ met }) => met) ? 0 : 1;
}

async function measureImport({ inventory, data }: Setting): Promise<Figure[]> {
  await rm(data, { recursive: true, force: true });
  const command = 'npm run benchmark -- import';
  const figures: Figure[] = [];
  for (const [what, limit] of [
    [COLD, 360],
    ['the same again without changes', 30],
  ] as const) {
    const started = performance.now();
    const child = startChild('../inventory.js', ['import', inventory], { DATA_DIR: data });
    if ((await child.ended) !== 0) throw new Error(`The import failed:\n${child.output()}`);
    figures.push(atMost(what, (performance.now() - started) / 1000, limit, 's', command));
    const memory = child.peakMemory();
    if (what === COLD) figures.push(atMost('the same: peak resident memory', memory, 700, 'MB', command));
    else console.error(`Without changes: peak resident memory ${memory.toFixed(0)} MB.`);
    console.error(summaryLine(child.output()));
  }
  return figures;
}

async function measureLoop({ inventory, photos: folder }: Setting): Promise<Figure[]> {
  const command = 'npm run benchmark -- loop';
  const photos = await phonePhotos(folder);
  const data = await mkdtemp(join(tmpdir(), 'benchmark-loop-'));
  try {
    const child = startChild('./serving-while-importing.js', [inventory], { DATA_DIR: data });
    const [, address = ''] = await child.saw(/address (.+)/);
    const idle = await load({ address, photos, clients: 4, seconds: 10 });
    child.process.kill('SIGUSR2');
    await child.saw(/importing/);
    const busy = await load({ address, photos, clients: 4, seconds: 30 });
    if (child.output().includes('import finished')) console.error('The import ended before the clients did.');
    child.process.kill('SIGTERM');
    const [, p50, p99, max] = await child.saw(/delay (\S+) (\S+) (\S+)/);
    await child.ended;
    console.error(
      `Event-loop delay: median ${Number(p50).toFixed(1)} ms, maximum ${Number(max).toFixed(1)} ms. Four clients: median ${idle.medianMs.toFixed(0)} ms idle, ` +
        `${busy.medianMs.toFixed(0)} ms while importing (${(busy.medianMs / idle.medianMs).toFixed(2)}x).`,
    );
    return [atMost('event-loop delay p99 during an import with 4 clients', Number(p99), 15, 'ms', command)];
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}

async function parse(args: string[]): Promise<{ parts: Part[]; setting: Setting; temporary: boolean }> {
  const options = {
    inventory: { type: 'string' },
    photos: { type: 'string' },
    data: { type: 'string' },
    items: { type: 'string' },
    python: { type: 'string' },
  } as const;
  const { values, positionals } = parseOptions({ args, options, allowPositionals: true });
  const unknown = positionals.filter((part) => !Object.hasOwn(PARTS, part));
  if (unknown.length > 0) throw new UsageError(`There is no part ${unknown.join(', ')}.`);
  const all = Object.keys(PARTS) as Part[];
  return {
    parts: all.filter((part) =>
      positionals.length === 0 ? part !== 'training' : positionals.includes(part),
    ),
    setting: {
      inventory: resolve(values.inventory ?? '../shared/data/fashion-product-images-small.zip'),
      items: values.items === undefined ? Infinity : wholeNumber('--items', values.items),
      python: values.python,
      photos: resolve(values.photos ?? '../shared/photos'),
      data: values.data === undefined ? await mkdtemp(join(tmpdir(), 'benchmark-')) : resolve(values.data),
    },
    temporary: values.data === undefined,
  };
}
