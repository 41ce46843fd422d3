/** npm run train: teaches a model fashion, from the labelled items of the published data set. */

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readConfig } from '../src/config.ts';
import { defaultModelFolder, loadModel } from '../src/embed/model.ts';
import { readOnnx } from '../src/embed/onnx-file.ts';
import { loadRuntime } from '../src/embed/tensorflow-native.ts';
import { setTensorflowVariables } from '../src/embed/tensorflow-variables.ts';
import { OperatorError } from '../src/errors.ts';
import { createPhotoDecoder } from '../src/photo/decode-photo.ts';
import { runCommandLine } from './run-command-line.ts';
import {
  classesOf,
  epochOf,
  type LabelledItem,
  looksOf,
  readLabelledItems,
  splitOf,
} from './train/labelled-items.ts';
import { useNativeGradients } from './train/native-gradients.ts';
import { parseTraining, USAGE } from './train/parse-training.ts';
import { type Editions, openItemPictures } from './train/pictures-of-items.ts';
import { runTraining } from './train/run-training.ts';
import { wordsOfTitles } from './train/title-words.ts';
import { FINDER_USAGE } from './train/finder/parse-finder-training.ts';
import { trainFinder } from './train/finder/train-finder.ts';
import { takeTask } from './train/take-task.ts';
import { createTrainer, RECIPE } from './train/trainer.ts';
import { createTrainingBar } from './train/training-bar.ts';
import type { ValidationSet } from './train/validate.ts';
import { createViewLoader } from './train/view-loader.ts';
import { writeModel } from './train/write-model.ts';

/** Most is learned from small squares, which are fast; a last share from squares as large as they will be in use. */
const LAST_SHARE = 1 / 8;

process.exitCode = await runCommandLine(`${USAGE}\n\n${FINDER_USAGE}`, (args) => {
  const { task, rest } = takeTask(args);
  return task === 'finder' ? trainFinder(rest) : run(rest);
});

// --- Internal helpers ---

async function run(args: string[]): Promise<number> {
  const { data, base, frozenUntil, out, name, side, labelWeights, validationItems, settings, ...asked } =
    parseTraining(args);
  const config = readConfig();
  setTensorflowVariables();
  const { tf, device } = await loadRuntime(config.tensorflowFolder);
  useNativeGradients(tf);
  const model = await loadModel(
    base ?? config.modelFolder ?? (await defaultModelFolder(config.assetsFolder)),
  );
  const { input, output, dimension } = model.manifest;
  const lastSide = asked.lastSide ?? input.side;

  const editions = editionsIn(data);
  const all = await readLabelledItems(editions.small);
  const items = all.filter(({ title }) => splitOf(title) === 'train');
  const classes = classesOf(items);
  const epoch = epochOf(items);
  const trainer = createTrainer({
    tf,
    model: readOnnx(await readFile(model.weightsPath), model.weightsPath),
    input,
    embedding: output.embedding,
    dimension,
    frozenUntil,
    learned: Object.fromEntries(
      Object.entries(model.manifest.labels ?? {}).map(([head, { classes }]) => [head, classes]),
    ),
    classes,
    looks: looksOf(items).names,
    wordCount: wordsOfTitles(items).words.length,
    labelWeights,
    seed: settings.seed,
  });
  const validation = await readValidation(editions, all, lastSide, validationItems);
  const stepsAnEpoch = Math.floor(epoch.length / settings.batch);
  console.error(
    `Training on ${device}: ${items.length} items (${stepsAnEpoch} steps an epoch), ${trainer.trainedCount} numbers of ${model.manifest.name}.`,
  );

  const { length, seed, batch } = settings;
  const identity = JSON.stringify({
    recipe: RECIPE,
    length,
    seed,
    batch,
    side,
    lastSide,
    frozenUntil,
    base: model.manifest.sha256,
    rate: settings.rate,
    labelWeights,
    data: digestOf(items),
  });
  await mkdir(out, { recursive: true });
  const bar = createTrainingBar();
  const stopping = new AbortController();
  const stop = (): void => {
    stopping.abort();
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const { run, step, bestStep, end } = await runTraining({
      trainer,
      classes,
      items,
      validation,
      settings,
      identity,
      folder: out,
      openLoader: (firstStep, shareOf) =>
        createViewLoader({
          editions,
          ids: items.map(({ id }) => id),
          epoch,
          sideOf: (step) => (shareOf(step) < 1 - LAST_SHARE ? side : lastSide),
          batch,
          seed,
          firstStep,
        }),
      onProgress: (progress) => {
        bar.update(progress);
      },
      signal: stopping.signal,
    });
    bar.stop();
    if (end === 'stopped') {
      console.error(`Stopped after step ${step}; the same command goes on.`);
      return 0;
    }
    const folder = join(out, name);
    await writeModel({
      folder,
      name,
      base: model,
      model: trainer.exportModel(),
      dimension: trainer.dimension,
      classes,
      run,
      steps: step,
      bestStep,
      stepsAnEpoch,
      settings: { ...settings, side, lastSide, labelWeights, frozenUntil, device },
    });
    console.log(
      `Wrote ${folder} after ${step} steps${end === 'early' ? ', as nothing got better any more' : ''}.`,
    );
    return 0;
  } finally {
    bar.stop();
    trainer.dispose();
  }
}

/** @throws {OperatorError} when the small edition is missing; the others only make it better. */
function editionsIn(folder: string): Editions {
  const file = (edition: string): string => join(folder, `fashion-product-images-${edition}.zip`);
  if (!existsSync(file('small'))) {
    throw new OperatorError(`There is no ${file('small')} to learn from. Name its folder with --data.`);
  }
  return {
    large: ['225x300', '224-square'].map(file).filter((path) => existsSync(path)),
    small: file('small'),
  };
}

async function readValidation(
  editions: Editions,
  all: readonly LabelledItem[],
  side: number,
  count: number,
): Promise<ValidationSet> {
  const items = all.filter(({ title }) => splitOf(title) === 'validation').slice(0, count);
  const pictures = await openItemPictures(editions);
  const decoder = createPhotoDecoder();
  try {
    const pixels = new Uint8Array(items.length * side * side * 3);
    for (const [n, { id }] of items.entries()) {
      pixels.set(
        await decoder.decode(await pictures.smallBytes(id), { side }, { priority: 'bulk' }),
        n * side * side * 3,
      );
    }
    return { items, pixels };
  } finally {
    await pictures.close();
  }
}

function digestOf(items: readonly LabelledItem[]): string {
  return createHash('sha256').update(JSON.stringify(items)).digest('hex').slice(0, 16);
}
