/** npm run train: fine-tunes a model for fashion on the labelled items of the published data set. */

import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultFinderFolder } from '../src/garments/open-garment-finder.ts';
import { readConfig } from '../src/config/config.ts';
import { defaultModelFolder, loadModel, type Model } from '../src/embed/model.ts';
import { readOnnx } from '../src/embed/onnx-file.ts';
import type { Tf } from '../src/embed/tensorflow-context.ts';
import { loadRuntime } from '../src/embed/tensorflow-native.ts';
import { setTensorflowVariables } from '../src/embed/tensorflow-variables.ts';
import { runCommandLine } from './run-command-line.ts';
import {
  type Classes,
  classesOf,
  epochOf,
  type LabelledItem,
  labelTriplesOf,
  readLabelledItems,
  splitOf,
} from './train/labelled-items.ts';
import { useNativeGradients } from './train/native-gradients.ts';
import { createCropLoader } from './train/crops/crop-loader.ts';
import { CROP_RECIPE } from './train/crops/crop-step-losses.ts';
import { type Crops, openCrops } from './train/crops/open-crops.ts';
import { withCrops } from './train/crops/with-crops.ts';
import { parseTraining, type TrainingCall, USAGE } from './train/parse-training.ts';
import { runTraining } from './train/run-training.ts';
import { wordsOfTitles } from './train/title-words.ts';
import { FINDER_USAGE } from './train/finder/parse-finder-training.ts';
import { trainFinder } from './train/finder/train-finder.ts';
import { takeTask } from './train/take-task.ts';
import { createTrainer, RECIPE, type Trainer } from './train/trainer.ts';
import { editionsIn, readValidation } from './train/training-data.ts';
import { createTrainingBar } from './train/training-bar.ts';
import { createViewLoader } from './train/view-loader.ts';
import { writeModel } from './train/write-model.ts';

/** Most of the run uses small squares, which are fast; the last share uses squares as large as the product does. */
const LAST_SHARE = 1 / 8;

process.exitCode = await runCommandLine(`${USAGE}\n\n${FINDER_USAGE}`, (args) => {
  const { task, rest } = takeTask(args);
  return task === 'finder' ? trainFinder(rest) : run(rest);
});

// --- Internal helpers ---

async function run(args: string[]): Promise<number> {
  const call = parseTraining(args);
  const { settings } = call;
  const { tf, device, model } = await openBase(call);
  const lastSide = call.lastSide ?? model.manifest.input.side;

  const editions = editionsIn(call.data);
  const all = await readLabelledItems(editions.small);
  const items = all.filter(({ title }) => splitOf(title) === 'train');
  const epoch = epochOf(items);
  const classes = classesOf(items);
  const crops =
    call.crops > 0 ? await openCrops({ ...(await cropOptions(call)), side: lastSide }) : undefined;
  const trainer = await openTrainer(call, { tf, model, items, classes });
  const validation = await readValidation(editions, all, lastSide, call.validationItems);
  const stepsAnEpoch = Math.floor(epoch.length / settings.batch);
  console.error(
    `Training on ${device}: ${items.length} items, ${stepsAnEpoch} steps per epoch, ${trainer.trainedCount} trainable parameters of ${model.manifest.name}.`,
  );
  if (crops)
    console.error(
      `Crops: ${crops.garments.length} garments of ${crops.names.length} outfit photos; ${crops.validation.kinds.length} crops of other photos to validate with.`,
    );

  await mkdir(call.out, { recursive: true });
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
      crops,
      settings,
      identity: identityOf(call, { lastSide, model, items, crops }),
      folder: call.out,
      openLoader(firstStep, shareOf) {
        const { seed } = settings;
        const sideOf = (step: number): number => (shareOf(step) < 1 - LAST_SHARE ? call.side : lastSide);
        const views = createViewLoader({
          editions,
          ids: items.map(({ id }) => id),
          epoch,
          sideOf,
          batch: settings.batch,
          seed,
          firstStep,
        });
        return crops
          ? withCrops(views, createCropLoader({ ...crops, sideOf, batch: call.crops, seed, firstStep }))
          : views;
      },
      onProgress: (progress) => {
        bar.update(progress);
      },
      signal: stopping.signal,
    });
    bar.stop();
    if (end === 'stopped') {
      console.error(`Stopped after step ${step}. Run the same command again to continue.`);
      return 0;
    }
    const { name, side, labelWeights, frozenUntil } = call;
    const folder = join(call.out, name);
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
      settings: {
        ...settings,
        ...{ side, lastSide, labelWeights, frozenUntil, device },
        ...(crops && { crops: call.crops, garments: crops.garments.length }),
      },
    });
    console.log(
      `Wrote ${folder} after ${step} steps${end === 'early' ? ', as validation stopped improving' : ''}.`,
    );
    return 0;
  } finally {
    bar.stop();
    trainer.dispose();
  }
}

/** Loads TensorFlow and the model that training starts from. */
async function openBase({ base }: TrainingCall) {
  const config = readConfig();
  setTensorflowVariables();
  const { tf, device } = await loadRuntime(config.tensorflowFolder);
  useNativeGradients(tf);
  const model = await loadModel(
    base ?? config.modelFolder ?? (await defaultModelFolder(config.assetsFolder)),
  );
  return { tf, device, model };
}

async function cropOptions({ data, finder, out, validationItems }: TrainingCall) {
  const folder = finder ?? (await defaultFinderFolder(readConfig().assetsFolder));
  return { data, finder: folder, folder: out, validationPhotos: validationItems };
}

async function openTrainer(
  { frozenUntil, labelWeights, settings, crops }: TrainingCall,
  {
    tf,
    model,
    items,
    classes,
  }: {
    readonly tf: Tf;
    readonly model: Model;
    readonly items: readonly LabelledItem[];
    readonly classes: Classes;
  },
): Promise<Trainer> {
  const { input, output, dimension, labels = {} } = model.manifest;
  return createTrainer({
    tf,
    model: readOnnx(await readFile(model.weightsPath), model.weightsPath),
    input,
    embedding: output.embedding,
    dimension,
    frozenUntil,
    learned: Object.fromEntries(Object.entries(labels).map(([head, { classes }]) => [head, classes])),
    classes,
    labelTriples: labelTriplesOf(items).names,
    wordCount: wordsOfTitles(items).words.length,
    labelWeights,
    seed: settings.seed,
    ...(crops > 0 && { crops: { colourTemperature: labels.colour?.temperature ?? 1 } }),
  });
}

/** What must be equal before a run continues from a checkpoint, as JSON. */
function identityOf(
  { side, frozenUntil, labelWeights, settings, crops: count }: TrainingCall,
  {
    lastSide,
    model,
    items,
    crops,
  }: {
    readonly lastSide: number;
    readonly model: Model;
    readonly items: readonly LabelledItem[];
    readonly crops: Crops | undefined;
  },
): string {
  const { length, seed, batch, rate } = settings;
  return JSON.stringify({
    recipe: RECIPE,
    length,
    seed,
    batch,
    side,
    lastSide,
    frozenUntil,
    base: model.manifest.sha256,
    rate,
    labelWeights,
    data: digestOf(items),
    ...(crops && { crops: { recipe: CROP_RECIPE, count, finder: crops.finder } }),
  });
}

function digestOf(items: readonly LabelledItem[]): string {
  return createHash('sha256').update(JSON.stringify(items)).digest('hex').slice(0, 16);
}
