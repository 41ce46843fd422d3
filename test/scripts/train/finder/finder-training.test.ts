import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../../../scripts/train/checkpoint.ts';
import {
  decoderConvolutions,
  FINDER_OUTPUTS,
  finderGraph,
} from '../../../../scripts/train/finder/finder-graph.ts';
import { createFinderTrainer, type FinderTrainer } from '../../../../scripts/train/finder/finder-trainer.ts';
import { normaliseInitially } from '../../../../scripts/train/finder/normalise-initially.ts';
import { UNKNOWN } from '../../../../scripts/train/finder/outfit-photos.ts';
import {
  type FinishedFinderTraining,
  runFinderTraining,
} from '../../../../scripts/train/finder/run-finder-training.ts';
import type { SceneLoader } from '../../../../scripts/train/finder/scene-loader.ts';
import { targetsOfScene } from '../../../../scripts/train/finder/scene-targets.ts';
import type { SceneBatch } from '../../../../scripts/train/finder/scene-worker.ts';
import { validationPhoto } from '../../../../scripts/train/finder/validate-finder.ts';
import { createRandom } from '../../../../scripts/train/random.ts';
import { createNetwork } from '../../../../src/embed/tensorflow-network.ts';
import { OperatorError } from '../../../../src/util/errors.ts';
import { classOfKind, PIXEL_CLASSES, PRESENCES } from '../../../../src/garments/garment-kinds.ts';
import { onnxBuilder, runInOnnxruntime } from '../../../embed/build-onnx.ts';
import { loadRuntime } from '../../../embed/javascript-runtime.ts';

beforeAll(() => loadRuntime());

const SIDE = 32;
const BATCH = 4;
const KINDS = [classOfKind('top'), classOfKind('bag')] as const;

/** Convolutions of strides 2, 2 and 2; the first is frozen. */
const builder = onnxBuilder(5);
const halved = (input: string, from: number, to: number): string =>
  builder.node('Relu', [
    builder.node('Conv', [input, builder.weight([to, from, 3, 3], 0.4), builder.weight([to], 0.1)], {
      strides: [2, 2],
      pads: [0, 0, 1, 1],
    }),
  ]);
const first = halved('x', 3, 4);
const fine = halved(first, 4, 6);
const coarse = halved(fine, 6, 8);
const backbone = builder.build(coarse, ['n', 3, SIDE, SIDE]);
const graph = finderGraph({
  backbone,
  taps: [fine, coarse],
  width: 8,
  classes: PIXEL_CLASSES.length,
  presences: PRESENCES.length,
  seed: 3,
});

const newTrainer = (model = graph): FinderTrainer =>
  createFinderTrainer({
    tf,
    model,
    input: { name: 'x', mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
    frozenUntil: first,
    classWeights: PIXEL_CLASSES.map(() => 1),
  });

/** Red is a top, blue is a bag, in a rectangle of a grey square. */
function scene(seed: number): { pixels: Uint8Array; classes: Uint8Array } {
  const random = createRandom(seed, 77);
  const pixels = new Uint8Array(SIDE * SIDE * 3).map(() => random.between(110, 140));
  const classes = new Uint8Array(SIDE * SIDE);
  const kind = seed % 2;
  const [left, top] = [random.below(14), random.below(14)];
  for (let y = top; y < top + 18; y++) {
    for (let x = left; x < left + 18; x++) {
      pixels.set(kind === 0 ? [230, 30, 30] : [30, 30, 230], (y * SIDE + x) * 3);
      classes[y * SIDE + x] = KINDS[kind]!;
    }
  }
  return { pixels, classes };
}

function batchOf(step: number): SceneBatch {
  const scenes = Array.from({ length: BATCH }, (_, n) => scene(step * BATCH + n));
  const targets = scenes.map(({ pixels, classes }) =>
    targetsOfScene({ width: SIDE, height: SIDE, data: pixels, classes }),
  );
  return {
    pixels: Uint8Array.from(scenes.flatMap(({ pixels }) => [...pixels])),
    classes: Uint8Array.from(targets.flatMap(({ classes }) => [...classes])),
    presence: Uint8Array.from(targets.flatMap(({ presence }) => [...presence])),
  };
}

function loaderFrom(start: number): SceneLoader {
  let step = start;
  return { next: () => Promise.resolve(batchOf(step++)), close: () => Promise.resolve() };
}

const validation = [1001, 1002, 1003, 1004].map((seed) => {
  const { pixels, classes } = scene(seed);
  return validationPhoto(pixels, classes);
});

interface Options {
  readonly steps: number;
  readonly folder: string;
  readonly stopAfter?: number;
  readonly crashAt?: number;
  readonly identity?: string;
  readonly rate?: number;
  readonly patience?: number;
}

function train(trainer: FinderTrainer, options: Options): Promise<FinishedFinderTraining> {
  const { steps, folder, stopAfter, crashAt, identity = '{}', rate = 0.02, patience = 100 } = options;
  const stopping = new AbortController();
  return runFinderTraining({
    trainer,
    validation,
    settings: { steps, batch: BATCH, seed: 1, validateEvery: 5, saveEvery: 4, patience, rate },
    identity,
    folder,
    openLoader: loaderFrom,
    onProgress: ({ step }) => {
      if (step === stopAfter) stopping.abort();
      if (step === crashAt) throw new Error('crash');
    },
    signal: stopping.signal,
  });
}

const temporary = (): Promise<string> => mkdtemp(join(tmpdir(), 'finder-'));

describe('a training of the finder', () => {
  it('learns where things are, and gives a model that onnxruntime runs to the same numbers', async () => {
    const trainer = newTrainer();
    const { run, step, end } = await train(trainer, { steps: 60, folder: await temporary() });
    expect({ step, end }).toEqual({ step: 60, end: 'complete' });
    expect(run.history.at(-1)!.loss).toBeLessThan(run.history[0]!.loss / 2);
    expect(run.history.at(-1)!.meanOverlap).toBeGreaterThan(0.6);
    expect(run.history.at(-1)!.recall).toBeGreaterThanOrEqual(0.75);

    const model = trainer.exportModel();
    expect(model.outputs.map(({ name }) => name)).toEqual([FINDER_OUTPUTS.row]);
    const changed = [...model.initialisers].filter(([name, { data }]) =>
      graph.initialisers.get(name)!.data.some((value, n) => value !== data[n]),
    );
    expect(changed.map(([name]) => name)).not.toContain('w0'); // frozen
    expect(changed.map(([name]) => name)).toContain('w2');

    const { pixels } = scene(5);
    const planes = new Float32Array(pixels.length);
    for (let n = 0; n < SIDE * SIDE; n++) {
      for (let channel = 0; channel < 3; channel++) {
        planes[channel * SIDE * SIDE + n] = (pixels[n * 3 + channel]! / 255 - 0.5) / 0.5;
      }
    }
    const [own] = trainer.predict(pixels, 1);
    const { data } = await runInOnnxruntime(model, planes, [1, 3, SIDE, SIDE]);
    expect(data).toHaveLength(own!.length);
    // The file holds 16 bits a weight.
    const furthest = data.reduce((most, value, n) => Math.max(most, Math.abs(value - own![n]!)), 0);
    expect(furthest).toBeLessThan(0.1);
    trainer.dispose();
  });

  it('goes on after a stop, or after a crash since the last checkpoint, as if nothing had been', async () => {
    const whole = newTrainer();
    const straight = await train(whole, { steps: 14, folder: await temporary() });
    const folder = await temporary();
    const before = newTrainer();
    expect(await train(before, { steps: 14, folder, stopAfter: 6 })).toMatchObject({
      step: 6,
      end: 'stopped',
    });
    before.dispose();
    const lost = newTrainer();
    await expect(train(lost, { steps: 14, folder, crashAt: 7 })).rejects.toThrow('crash');
    lost.dispose();
    expect((await readCheckpoint(join(folder, 'latest.checkpoint')))?.step).toBe(6);
    const after = newTrainer();
    const resumed = await train(after, { steps: 14, folder });
    expect({ ...resumed.run, seconds: 0 }).toEqual({ ...straight.run, seconds: 0 });
    expect(await after.save()).toEqual(await whole.save());
    whole.dispose();
    after.dispose();
  });

  it('ends early when nothing gets better, but not before the mean of the weights has begun', async () => {
    const trainer = newTrainer();
    const finished = await train(trainer, { steps: 40, folder: await temporary(), rate: 0, patience: 2 });
    expect(finished).toMatchObject({ end: 'early', bestStep: 25, step: 35 });
    trainer.dispose();
  });

  it('refuses to go on with another run’s checkpoint', async () => {
    const folder = await temporary();
    const trainer = newTrainer();
    await train(trainer, { steps: 4, folder, identity: JSON.stringify({ side: 32 }) });
    const other = train(trainer, { steps: 4, folder, identity: JSON.stringify({ side: 64 }) });
    await expect(other).rejects.toThrow(OperatorError);
    await expect(other).rejects.toThrow('side: 32 before, 64 now');
    trainer.dispose();
  });

  it('begins with maps of mean 0 and deviation 1 where it is asked to', () => {
    const names = decoderConvolutions(graph);
    expect(names).toContain('finder.depthwise0');
    const pictures = tf.randomNormal<tf.Rank.R4>([4, SIDE, SIDE, 3], 0, 1, 'float32', 3);
    const model = normaliseInitially(tf, graph, names, pictures);
    const network = createNetwork({ tf, model, outputs: ['finder.pointwise0'] });
    const [mean, variance] = tf.tidy(() => {
      const moments = tf.moments(network.run(pictures)[0]!);
      return [moments.mean.dataSync()[0]!, moments.variance.dataSync()[0]!];
    });
    expect(mean).toBeCloseTo(0, 3);
    expect(variance).toBeCloseTo(1, 1);
    network.dispose();
    pictures.dispose();
  });

  it('leaves out what is unknown, and leaves no tensor behind, step by step', () => {
    const before = tf.memory().numTensors;
    const trainer = newTrainer();
    const known = batchOf(0);
    const unknown = {
      ...known,
      classes: known.classes.map(() => UNKNOWN),
      presence: known.presence.map(() => UNKNOWN),
    };
    expect(trainer.train(unknown, 0, 1e-3)).toMatchObject({ pixels: 0, overlap: 0, presence: 0 });
    const { numTensors } = tf.memory();
    for (let step = 1; step < 4; step++) {
      trainer.train(known, step, 1e-3);
      trainer.average();
    }
    expect(tf.memory().numTensors).toBe(numTensors);
    trainer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
