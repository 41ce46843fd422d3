/** npm run train: teaches a model fashion, from the labelled items of the published data set. */

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readConfig, setNativeVariables } from '../src/config.ts';
import { defaultModelFolder, loadModel } from '../src/embed/model.ts';
import { readOnnx } from '../src/embed/onnx-file.ts';
import { loadRuntime } from '../src/embed/tensorflow-native.ts';
import { messageOf, OperatorError } from '../src/errors.ts';
import { createPhotoDecoder } from '../src/photo/decode-photo.ts';
import {
  classesOf,
  epochOf,
  type LabelledItem,
  looksOf,
  readLabelledItems,
  splitOf,
} from './train/labelled-items.ts';
import { useNativeGradients } from './train/native-gradients.ts';
import { type Editions, openItemPictures } from './train/pictures-of-items.ts';
import { runTraining, type TrainingSettings, type ValidationSet } from './train/run-training.ts';
import { createTrainer } from './train/trainer.ts';
import { createTrainingBar } from './train/training-bar.ts';
import { createViewLoader } from './train/view-loader.ts';
import { writeModel } from './train/write-model.ts';

const USAGE = `Usage: npm run train -- [options]

  --minutes N       how long it may take (default 60); --steps N instead: how many steps
  --data FOLDER     fashion-product-images-{small,225x300,224-square}.zip (default ../shared/data)
  --base FOLDER     the model to begin with (default: the one that ships)
  --frozen-until V  the value inside of it up to which nothing is trained (default block7.project)
  --out FOLDER      checkpoints, and the model when it is done (default data/training)
  --name NAME       of the model (default fashion-lite2)
  --batch N, --seed N, --validate-every N, --save-every N (64, 1, 250, 50)
  --side N          pixels of the squares to train on (default 128), and
  --last-side N     for the last eighth of the run (default: what the model is used with)
  --rate X          highest learning rate of new layers (default 0.002)
  --validation N    pictures that are looked at while training (1000); evaluate looks at all

Stop it at any moment, even with kill -9; the same command goes on from the last checkpoint.
It needs TensorFlow: npm run setup:tensorflow.`;

const PATIENCE = 8;
/** Most is learned from small squares, which are fast; a last share from squares as large as they will be in use. */
const LAST_SHARE = 1 / 8;

process.exitCode = await run(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof OperatorError ? error.message : error);
  return 1;
});

// --- Internal helpers ---

async function run(args: string[]): Promise<number> {
  const { data, base, frozenUntil, out, name, side, validationItems, settings, ...asked } = parse(args);
  const config = readConfig();
  setNativeVariables({ TF_FORCE_GPU_ALLOW_GROWTH: 'true', TF_CPP_MIN_LOG_LEVEL: '2' });
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
    looks: looksOf(items).count,
    seed: settings.seed,
  });
  const validation = await readValidation(editions, all, lastSide, validationItems);
  const stepsAnEpoch = Math.floor(epoch.length / settings.batch);
  console.error(
    `Training on ${device}: ${items.length} items (${stepsAnEpoch} steps an epoch), ${trainer.trainedCount} numbers of ${model.manifest.name}.`,
  );

  const { length, seed, batch } = settings;
  const identity = JSON.stringify({
    length,
    seed,
    batch,
    side,
    lastSide,
    frozenUntil,
    base: model.manifest.sha256,
    rate: settings.rate,
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
    const { run, step, end } = await runTraining({
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
      model: await trainer.exportModel(),
      dimension: trainer.dimension,
      classes,
      run,
      steps: step,
      stepsAnEpoch,
      settings: { ...settings, side, lastSide, frozenUntil, device },
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

function parse(args: string[]) {
  const text = { type: 'string' } as const;
  let values;
  try {
    values = parseArgs({
      args,
      options: {
        minutes: text,
        steps: text,
        data: text,
        base: text,
        'frozen-until': text,
        out: text,
        name: text,
        batch: text,
        side: text,
        'last-side': text,
        rate: text,
        seed: text,
        'validate-every': text,
        'save-every': text,
        validation: text,
      },
    }).values;
  } catch (error) {
    throw new OperatorError(`${messageOf(error)}\n\n${USAGE}`);
  }
  const number = (value: string | undefined, fallback: number): number => {
    const result = value === undefined ? fallback : Number(value);
    if (!Number.isInteger(result) || result < 1) throw new OperatorError(USAGE);
    return result;
  };
  const settings: TrainingSettings = {
    length:
      values.steps === undefined
        ? { minutes: number(values.minutes, 60) }
        : { steps: number(values.steps, 1) },
    batch: Math.max(2, number(values.batch, 64)), // one item alone has nobody to be told from
    seed: number(values.seed, 1),
    validateEvery: number(values['validate-every'], 250),
    saveEvery: number(values['save-every'], 50),
    patience: PATIENCE,
    rate: rateIn(values.rate),
  };
  return {
    data: resolve(values.data ?? '../shared/data'),
    base: values.base === undefined ? undefined : resolve(values.base),
    frozenUntil: values['frozen-until'] ?? 'block7.project',
    out: resolve(values.out ?? 'data/training'),
    name: values.name ?? 'fashion-lite2',
    side: number(values.side, 128),
    lastSide: values['last-side'] === undefined ? undefined : number(values['last-side'], 1),
    validationItems: number(values.validation, 1000),
    settings,
  };
}

function rateIn(value = '0.002'): number {
  const rate = Number(value);
  if (!(rate > 0 && rate < 1)) throw new OperatorError(USAGE);
  return rate;
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
