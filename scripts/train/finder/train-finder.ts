/** npm run train -- --task finder: teaches a network where in a photo which garments are. */

import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readConfig } from '../../../src/config/config.ts';
import { loadModel, type Model } from '../../../src/embed/model.ts';
import { channelTables, toInterleaved } from '../../../src/embed/normalise-pixels.ts';
import { type OnnxModel, readOnnx } from '../../../src/embed/onnx-file.ts';
import type { Tf } from '../../../src/embed/tensorflow-context.ts';
import { loadRuntime } from '../../../src/embed/tensorflow-native.ts';
import { setTensorflowVariables } from '../../../src/embed/tensorflow-variables.ts';
import { loadFinder } from '../../../src/garments/finder-model.ts';
import { PIXEL_CLASSES, PRESENCES } from '../../../src/garments/garment-kinds.ts';
import { createPhotoDecoder } from '../../../src/photo/decode-photo.ts';
import { useNativeGradients } from '../native-gradients.ts';
import type { Editions } from '../pictures-of-items.ts';
import { decoderConvolutions, finderGraph } from './finder-graph.ts';
import { createFinderTrainer } from './finder-trainer.ts';
import { learnedItems } from './learned-items.ts';
import { openOutfitPhotos, splitOfPhoto } from './outfit-photos.ts';
import { parseFinderTraining } from './parse-finder-training.ts';
import { normaliseInitially } from './normalise-initially.ts';
import { runFinderTraining } from './run-finder-training.ts';
import { createSceneLoader, type SceneLoaderOptions } from './scene-loader.ts';
import { type ValidationPhoto, validationPhoto } from './validate-finder.ts';
import { writeFinder } from './write-finder.ts';

/** The backbone that ships, and its values at strides 4, 8, 16 and 32. */
const BACKBONE = 'efficientnet-lite2';
const TAPS = ['block4.expand', 'block7.expand', 'block15.expand', 'last'];
const WIDTH = 96;
/** Most is learned from smaller squares, which are fast; a last share from squares as large as they will be in use. */
const LAST_SHARE = 1 / 4;
/** Of what a step does, for checkpoints: raised with every change of it. */
const RECIPE = 3;

/** Rare classes count more, by the root of what they lack; measured on the training photos, and bounded. */
const CLASS_WEIGHTS: Readonly<Record<(typeof PIXEL_CLASSES)[number], number>> = {
  nothing: 0.5,
  top: 1,
  outerwear: 1,
  dress: 1,
  trousers: 1,
  shorts: 2,
  skirt: 1.5,
  shoes: 1.5,
  bag: 1.3,
  hat: 2.5,
  sunglasses: 3,
  skin: 0.7,
  hair: 0.9,
  accessory: 1,
  suit: 1,
};

export async function trainFinder(args: string[]): Promise<number> {
  const { data, base, from, frozenUntil, out, name, side, lastSide, settings } = parseFinderTraining(args);
  const config = readConfig();
  setTensorflowVariables();
  const { tf, device } = await loadRuntime(config.tensorflowFolder);
  useNativeGradients(tf);
  const model = await loadModel(base ?? join(config.assetsFolder, 'models', BACKBONE));
  const { input } = model.manifest;
  const before = from === undefined ? undefined : await loadFinder(from);

  const photosPath = join(data, 'outfit-photos.zip');
  const photos = await openOutfitPhotos(photosPath);
  const names = photos.names.filter((photo) => splitOfPhoto(photo) === 'train');
  const validation: ValidationPhoto[] = [];
  const decoder = createPhotoDecoder();
  for (const photo of photos.names) {
    if (splitOfPhoto(photo) !== 'validation') continue;
    const pixels = await decoder.decode(await photos.bytes(photo), { side: lastSide }, { priority: 'bulk' });
    const { classes } = await photos.scene(photo, { width: lastSide, height: lastSide });
    validation.push(validationPhoto(pixels, classes));
  }
  await photos.close();

  const editions = editionsIn(data);
  const items = editions ? await learnedItems(editions) : [];
  const loaderOptions: Omit<SceneLoaderOptions, 'firstStep'> = {
    photos: photosPath,
    names,
    editions,
    items,
    sideOf: (step) => (step < settings.steps * (1 - LAST_SHARE) ? side : lastSide),
    batch: settings.batch,
    seed: settings.seed,
  };
  const trainer = createFinderTrainer({
    tf,
    model: before
      ? readOnnx(await readFile(before.weightsPath), before.weightsPath)
      : await newFinder(tf, model, loaderOptions),
    input,
    frozenUntil,
    classWeights: PIXEL_CLASSES.map((kind) => CLASS_WEIGHTS[kind]),
  });
  console.error(
    `Training on ${device}: ${names.length} photos and ${items.length} products, ${validation.length} photos to validate with, ${trainer.trainedCount} numbers.`,
  );

  const { steps, batch, seed, rate } = settings;
  const identity = JSON.stringify({
    recipe: RECIPE,
    steps,
    batch,
    seed,
    rate,
    side,
    lastSide,
    frozenUntil,
    base: model.manifest.sha256,
    ...(before && { from: before.manifest.sha256 }),
    photos: names.length,
    products: items.length,
  });
  await mkdir(out, { recursive: true });
  const stopping = new AbortController();
  const stop = (): void => {
    stopping.abort();
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  let last = 0;
  try {
    const { run, step, bestStep, end } = await runFinderTraining({
      trainer,
      validation,
      settings,
      identity,
      folder: out,
      openLoader: (firstStep) => createSceneLoader({ ...loaderOptions, firstStep }),
      onProgress({ step, total, loss, scores, secondsAStep }) {
        if (performance.now() - last < 10_000 && step !== total) return;
        last = performance.now();
        const validated = scores
          ? `, mean overlap ${scores.meanOverlap.toFixed(3)}, boxes ${scores.precision.toFixed(3)} / ${scores.recall.toFixed(3)} at step ${scores.step}`
          : '';
        console.error(
          `step ${step} of ${total}: loss ${loss.toFixed(3)}${validated}, ${secondsAStep.toFixed(2)} s a step`,
        );
      },
      signal: stopping.signal,
    });
    if (end === 'stopped') {
      console.error(`Stopped after step ${step}; the same command goes on.`);
      return 0;
    }
    const folder = join(out, name);
    await writeFinder({
      folder,
      name,
      base: model,
      before: before && { manifest: before.manifest, folder: dirname(before.weightsPath) },
      model: trainer.exportModel(),
      side: lastSide,
      run,
      steps: step,
      bestStep,
      settings: {
        ...settings,
        side,
        lastSide,
        frozenUntil,
        photos: names.length,
        products: items.length,
        device,
      },
    });
    console.log(
      `Wrote ${folder} after ${step} steps${end === 'early' ? ', as nothing got better any more' : ''}.`,
    );
    return 0;
  } finally {
    trainer.dispose();
  }
}

// --- Internal helpers ---

/** A decoder with weights of chance on the backbone, normalised by the first scenes that it will see. */
async function newFinder(
  tf: Tf,
  base: Model,
  loaderOptions: Omit<SceneLoaderOptions, 'firstStep'>,
): Promise<OnnxModel> {
  const graph = finderGraph({
    backbone: readOnnx(await readFile(base.weightsPath), base.weightsPath),
    taps: TAPS,
    width: WIDTH,
    classes: PIXEL_CLASSES.length,
    presences: PRESENCES.length,
    seed: loaderOptions.seed,
  });
  const loader = createSceneLoader({ ...loaderOptions, firstStep: 0 });
  const { pixels } = await loader.next();
  await loader.close();
  const { batch, sideOf } = loaderOptions;
  const side = sideOf(0);
  const floats = toInterleaved([pixels], pixels.length / 3, channelTables(base.manifest.input));
  const pictures = tf.tensor4d(floats, [batch, side, side, 3]);
  const model = normaliseInitially(tf, graph, decoderConvolutions(graph), pictures);
  pictures.dispose();
  return model;
}

/** Undefined without pictures of products: then it learns from photos alone. */
function editionsIn(folder: string): Editions | undefined {
  const file = (edition: string): string => join(folder, `fashion-product-images-${edition}.zip`);
  const large = ['225x300', '224-square'].map(file).filter((path) => existsSync(path));
  return existsSync(file('small')) && large.length > 0 ? { large, small: file('small') } : undefined;
}
