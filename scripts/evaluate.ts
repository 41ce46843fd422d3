/** npm run evaluate: measures how well models search and classify. */

import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { type EngineChoice, readConfig } from '../src/config/config.ts';
import { readLabelHeads } from '../src/embed/label-heads.ts';
import { defaultModelFolder, loadModel, type Model } from '../src/embed/model.ts';
import { openEmbedder } from '../src/embed/open-embedder.ts';
import { OperatorError } from '../src/util/errors.ts';
import { createLogger } from '../src/util/logger.ts';
import { createPhotoDecoder } from '../src/photo/decode-photo.ts';
import { calibrateModel } from './evaluate/calibrate-model.ts';
import { evaluateModel } from './evaluate/evaluate-model.ts';
import { EVALUATE_FINDER_USAGE, evaluateFinder } from './evaluate/finder/evaluate-finder.ts';
import { EVALUATE_OUTFITS_USAGE, evaluateOutfits } from './evaluate/outfits/evaluate-outfits.ts';
import { headlessModel } from './evaluate/headless-model.ts';
import type { RealPhoto } from './evaluate/photo-classes.ts';
import { type Result, resultTables, writeResults } from './evaluate/report.ts';
import { roundedModel } from './evaluate/rounded-model.ts';
import { readLabelledItems, splitOf } from './train/labelled-items.ts';
import { openItemPictures } from './train/pictures-of-items.ts';
import { parseOptions, wholeNumber } from './parse-options.ts';
import { runCommandLine, UsageError } from './run-command-line.ts';

const USAGE = `Usage: npm run evaluate -- [options]

  --model FOLDER   model to measure; can be repeated (default: MODEL_DIR, else the model that ships)
  --frozen         also measure the backbone of the last model without its head, with average and with maximum pooling
  --eight-bit      also measure the first model with weights rounded to 8 bits
  --engine NAME    onnx or tensorflow; can be repeated (default: ENGINE)
  --data FOLDER    folder with fashion-product-images-small.zip (default ../shared/data)
  --photos FOLDER  real photos in one folder per class, and classes.json (default ../shared/photos-validation)
  --limit N        measure only the first N items; not with --calibrate
  --calibrate      write the measured similarity thresholds and classifier temperatures to the first model's manifest
  --cache FOLDER   keep the embeddings of the items there, for the next evaluation of the same model (default: nothing is kept)
  --out FOLDER     write evaluation.json, evaluation.md and confusion matrices (default: nothing is written)

The index holds all labelled items. The queries are the items of the validation split, embedded like photos of users.`;

const PARTS: Readonly<Record<string, (args: string[]) => Promise<number>>> = {
  finder: evaluateFinder,
  outfits: evaluateOutfits,
};

process.exitCode = await runCommandLine(
  [USAGE, EVALUATE_FINDER_USAGE, EVALUATE_OUTFITS_USAGE].join('\n\n'),
  ([first, ...rest]) => {
    const part = PARTS[first ?? ''];
    return part ? part(rest) : run(first === undefined ? [] : [first, ...rest]);
  },
);

// --- Internal helpers ---

async function run(args: string[]): Promise<number> {
  const call = parse(args);
  const { models: folders, calibrate, data, photos: photoFolder, limit, out } = call;
  const config = readConfig();
  const engines = call.engines.length > 0 ? call.engines : [config.engine];
  const small = join(data, 'fashion-product-images-small.zip');
  const items = (await readLabelledItems(small)).slice(0, limit);
  const queries = items.flatMap(({ title }, index) => (splitOf(title) === 'validation' ? [index] : []));
  const photos = await readPhotos(photoFolder);
  if (calibrate && photos.length === 0) {
    throw new OperatorError(
      `--calibrate needs real photos in one folder per class, and a classes.json; ${photoFolder} has none. Name their folder: --photos FOLDER.`,
    );
  }
  const pictures = await openItemPictures({ large: [], small });
  const temporary = await mkdtemp(join(tmpdir(), 'evaluate-'));
  const results: Result[] = [];
  try {
    const models: Model[] = [];
    for (const folder of folders) models.push(await loadModel(folder));
    if (folders.length === 0) {
      models.push(await loadModel(config.modelFolder ?? (await defaultModelFolder(config.assetsFolder))));
    }
    const last = models.at(-1)!;
    if (call.eightBit) models.splice(1, 0, await roundedModel(models[0]!, temporary));
    if (call.frozen) {
      for (const pooling of ['average', 'maximum'] as const) {
        models.push(await headlessModel(last, pooling, temporary));
      }
    }
    for (const [model, engine] of models.flatMap((model) =>
      engines.map((engine) => [model, engine] as const),
    )) {
      const { tensorflowFolder } = config;
      const embedder = await openEmbedder({ model, engine, tensorflowFolder, logger: createLogger('warn') });
      try {
        let last = performance.now();
        const heads = await readLabelHeads(model);
        const evaluation = await evaluateModel({
          embedder,
          decoder: createPhotoDecoder(),
          items,
          queries,
          photos,
          heads,
          picture: (id) => pictures.smallBytes(id),
          cache: call.cache,
          onProgress(done, total) {
            if (performance.now() - last < 10_000) return;
            last = performance.now();
            console.error(`${model.manifest.name}: ${done} of ${total} pictures`);
          },
        });
        if (calibrate && model === models[0] && engine === engines[0]) {
          const picture = (id: string) => pictures.smallBytes(id);
          const found = await calibrateModel({ model, heads, evaluation, items, queries, photos, picture });
          console.log(JSON.stringify(found, null, 2));
        }
        const { engine: name, device } = embedder.status();
        results.push({ name: model.manifest.name, engine: `${name} on ${device}`, evaluation });
      } finally {
        await embedder.close();
      }
    }
  } finally {
    await pictures.close();
    await rm(temporary, { recursive: true });
  }
  const report =
    `Index: ${items.length} labelled items at 60x80. Queries: ${queries.length} items of the validation split, ${photos.length} real photos.\n\n` +
    resultTables(results);
  console.log(report);
  if (out !== undefined) await writeResults(out, report, results);
  return 0;
}

async function readPhotos(folder: string): Promise<RealPhoto[]> {
  const file = join(folder, 'classes.json');
  if (!existsSync(file)) return [];
  const classes = z.record(z.string(), z.array(z.string())).parse(JSON.parse(await readFile(file, 'utf8')));
  const photos = await Promise.all(
    Object.entries(classes).map(async ([className, types]) => {
      const names = (await readdir(join(folder, className))).sort();
      return names.map((name) => ({ className, types, read: () => readFile(join(folder, className, name)) }));
    }),
  );
  return photos.flat();
}

function parse(args: string[]) {
  const text = { type: 'string' } as const;
  const { values } = parseOptions({
    args,
    options: {
      model: { type: 'string', multiple: true },
      frozen: { type: 'boolean' },
      'eight-bit': { type: 'boolean' },
      engine: { type: 'string', multiple: true },
      calibrate: { type: 'boolean' },
      data: text,
      photos: text,
      limit: text,
      cache: text,
      out: text,
    },
  });
  const limit = values.limit === undefined ? Infinity : wholeNumber('--limit', values.limit);
  if (values.calibrate && values.limit !== undefined)
    throw new UsageError('--calibrate needs all items: remove --limit.');
  if (values.photos !== undefined && !existsSync(join(values.photos, 'classes.json')))
    throw new OperatorError(
      `Expected one folder of photos per class and a classes.json in ${values.photos}; there is no classes.json.`,
    );
  return {
    models: (values.model ?? []).map((folder) => resolve(folder)),
    frozen: values.frozen ?? false,
    eightBit: values['eight-bit'] ?? false,
    engines: (values.engine ?? []).map(engineIn),
    calibrate: values.calibrate ?? false,
    data: resolve(values.data ?? '../shared/data'),
    photos: resolve(values.photos ?? '../shared/photos-validation'),
    limit,
    cache: values.cache === undefined ? undefined : resolve(values.cache),
    out: values.out === undefined ? undefined : resolve(values.out),
  };
}

function engineIn(name: string): EngineChoice {
  if (name === 'onnx' || name === 'tensorflow') return name;
  throw new UsageError(`--engine: expected onnx or tensorflow, got "${name}".`);
}
