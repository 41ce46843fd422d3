/** npm run evaluate: how well models find and name, in one table. */

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { type EngineChoice, readConfig } from '../src/config.ts';
import { readLabelHeads } from '../src/embed/label-heads.ts';
import { defaultModelFolder, loadModel, type Model } from '../src/embed/model.ts';
import { openEmbedder } from '../src/embed/open-embedder.ts';
import { OperatorError } from '../src/errors.ts';
import { createLogger } from '../src/logger.ts';
import { createPhotoDecoder } from '../src/photo/decode-photo.ts';
import { confusionPicture } from './evaluate/confusion-picture.ts';
import { calibrateModel } from './evaluate/calibrate-model.ts';
import { type Evaluation, evaluateModel, type RealPhoto } from './evaluate/evaluate-model.ts';
import { EVALUATE_FINDER_USAGE, evaluateFinder } from './evaluate/finder/evaluate-finder.ts';
import { frozenModel } from './evaluate/frozen-model.ts';
import { roundedModel } from './evaluate/rounded-model.ts';
import { readLabelledItems, splitOf } from './train/labelled-items.ts';
import { openItemPictures } from './train/pictures-of-items.ts';
import { parseOptions, wholeNumber } from './parse-options.ts';
import { runCommandLine, UsageError } from './run-command-line.ts';

const USAGE = `Usage: npm run evaluate -- [options]

  --model FOLDER   a model to measure; may be given several times (default: MODEL_DIR, else the one that ships)
  --frozen         also the last one's backbone without a head: average and maximum pooling
  --eight-bit      also the first one with its weights rounded to 8 bits
  --engine NAME    what embeds, onnx or tensorflow; may be given several times (default: ENGINE)
  --data FOLDER    with fashion-product-images-small.zip (default ../shared/data)
  --photos FOLDER  real photos in a folder a class, and classes.json (default ../shared/photos-validation)
  --limit N        only the first N items, for a quick look, not with --calibrate
  --calibrate      write bands of similarity and temperatures of classifiers, as found here, to the first model's manifest
  --out FOLDER     evaluation.json, evaluation.md and a confusion picture (default: nothing is written)

The index is all labelled items, the queries are those of the validation split and are embedded as a person's photo is.`;

process.exitCode = await runCommandLine(`${USAGE}\n\n${EVALUATE_FINDER_USAGE}`, ([first, ...rest]) =>
  first === 'finder' ? evaluateFinder(rest) : run(first === undefined ? [] : [first, ...rest]),
);

// --- Internal helpers ---

async function run(args: string[]): Promise<number> {
  const asked = parse(args);
  const { models: folders, calibrate, data, photos: photoFolder, limit, out } = asked;
  const config = readConfig();
  const engines = asked.engines.length > 0 ? asked.engines : [config.engine];
  const small = join(data, 'fashion-product-images-small.zip');
  const items = (await readLabelledItems(small)).slice(0, limit);
  const queries = items.flatMap(({ title }, place) => (splitOf(title) === 'validation' ? [place] : []));
  const photos = await readPhotos(photoFolder);
  if (calibrate && photos.length === 0) {
    throw new OperatorError(
      `--calibrate needs real photos, in a folder a class and with classes.json beside them, and ${photoFolder} holds none. Name their folder: --photos FOLDER.`,
    );
  }
  const pictures = await openItemPictures({ large: [], small });
  const temporary = await mkdtemp(join(tmpdir(), 'evaluate-'));
  const results: { readonly name: string; readonly engine: string; readonly evaluation: Evaluation }[] = [];
  try {
    const models: Model[] = [];
    for (const folder of folders) models.push(await loadModel(folder));
    if (folders.length === 0) {
      models.push(await loadModel(config.modelFolder ?? (await defaultModelFolder(config.assetsFolder))));
    }
    const last = models.at(-1)!;
    if (asked.eightBit) models.splice(1, 0, await roundedModel(models[0]!, temporary));
    if (asked.frozen) {
      for (const pooling of ['average', 'maximum'] as const) {
        models.push(await frozenModel(last, pooling, temporary));
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
    `Index: ${items.length} labelled items at 60x80. Queries: ${queries.length} of the validation split, ${photos.length} real photos.\n\n` +
    `${searchTable(results)}\n${labelTable(results)}`;
  console.log(report);
  if (out !== undefined) await writeResults(out, report, results);
  return 0;
}

type Results = readonly { readonly name: string; readonly engine: string; readonly evaluation: Evaluation }[];

function searchTable(results: Results): string {
  const head = [
    'model',
    'engine',
    'type',
    'colour',
    'gender',
    'all three',
    'real photos',
    'mean over classes',
  ];
  const rows = results.map(({ name, engine, evaluation }) => {
    const { type, colour, gender, all, photos, photosByClass } = evaluation;
    const found = ({ precision, recall }: typeof all): string =>
      `${precision.toFixed(3)} (${recall.toFixed(3)})`;
    const classes = Object.values(photosByClass);
    const mean = classes.reduce((sum, value) => sum + value, 0) / classes.length;
    const ofPhotos = classes.length === 0 ? ['-', '-'] : [found(photos), mean.toFixed(3)];
    return [name, engine, ...[type, colour, gender, all].map(found), ...ofPhotos];
  });
  return `P@5 (in brackets: at least one of five right)\n\n${table(head, rows)}`;
}

function labelTable(results: Results): string {
  const rows = results.flatMap(({ name, engine, evaluation }) => {
    const scores = Object.entries(evaluation.classifiers);
    const ofPhotos = evaluation.photoClasses?.scores;
    if (ofPhotos && ofPhotos.count > 0) scores.push(['class of a real photo, by its type', ofPhotos]);
    return scores.map(([label, { accuracy, macroF1, count }]) => [
      name,
      engine,
      label,
      accuracy.toFixed(3),
      macroF1.toFixed(3),
      `${count}`,
    ]);
  });
  if (rows.length === 0) return '';
  return `Classifiers\n\n${table(['model', 'engine', 'label', 'accuracy', 'macro F1', 'queries'], rows)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}

async function writeResults(folder: string, report: string, results: Results): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'evaluation.md'), report);
  const plain = results.map(({ name, engine, evaluation }) => ({
    name,
    engine,
    ...evaluation,
    confusion: undefined,
    embeddings: undefined,
    photoClasses: evaluation.photoClasses?.scores,
  }));
  await writeFile(join(folder, 'evaluation.json'), `${JSON.stringify(plain, null, 2)}\n`);
  for (const { name, engine, evaluation } of results) {
    const pictures = [
      ['confusion', evaluation.confusion],
      ['confusion-photos', evaluation.photoClasses?.confusion],
    ] as const;
    for (const [what, confusion] of pictures) {
      if (!confusion) continue;
      const file = `${what}-${name}-${engine}.svg`.replaceAll(/[ ,]+/g, '-');
      await writeFile(join(folder, file), confusionPicture(confusion));
    }
  }
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
      out: text,
    },
  });
  const limit = values.limit === undefined ? Infinity : wholeNumber('--limit', values.limit);
  if (values.calibrate && values.limit !== undefined)
    throw new UsageError('--calibrate needs all items: leave --limit out.');
  if (values.photos !== undefined && !existsSync(join(values.photos, 'classes.json')))
    throw new OperatorError(
      `Expected photos in a folder a class, and classes.json beside them, in ${values.photos}; there is no classes.json.`,
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
    out: values.out === undefined ? undefined : resolve(values.out),
  };
}

function engineIn(name: string): EngineChoice {
  if (name === 'onnx' || name === 'tensorflow') return name;
  throw new UsageError(`--engine: expected onnx or tensorflow, got "${name}".`);
}
