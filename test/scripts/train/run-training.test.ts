import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../../scripts/train/checkpoint.ts';
import type { LabelledItem } from '../../../scripts/train/labelled-items.ts';
import { classesOf, LABEL_WEIGHTS } from '../../../scripts/train/labelled-items.ts';
import { createRandom } from '../../../scripts/train/random.ts';
import {
  type FinishedTraining,
  runTraining,
  type TrainingSettings,
} from '../../../scripts/train/run-training.ts';
import { createTrainer, type Trainer, type TrainerOptions } from '../../../scripts/train/trainer.ts';
import type { StepResult } from '../../../scripts/train/step-result.ts';
import type { TrainingCrops } from '../../../scripts/train/training-batches.ts';
import { wordsOfTitles } from '../../../scripts/train/title-words.ts';
import { indicesOfStep, type ViewLoader } from '../../../scripts/train/view-loader.ts';
import { createNetwork } from '../../../src/embed/tensorflow-network.ts';
import { OperatorError } from '../../../src/util/errors.ts';
import { onnxBuilder } from '../../embed/build-onnx.ts';
import { loadRuntime } from '../../embed/javascript-runtime.ts';

beforeAll(() => loadRuntime());

const SIDE = 8;
const BATCH = 6;
const COLOURS = { Red: [220, 30, 40], Green: [30, 200, 60], Blue: [30, 40, 220] } as const;
const names = Object.keys(COLOURS) as (keyof typeof COLOURS)[];

/** Squares of one colour each, which the model learns to tell apart. */
const items: LabelledItem[] = Array.from({ length: 90 }, (_, n) => {
  const colour = names[n % 3]!;
  return {
    id: `${n}`,
    title: `${colour} ${n}`,
    labels: { type: `${colour} thing`, colour, gender: 'Unisex' },
  };
});
const classes = classesOf(items);

const builder = onnxBuilder(5);
const first = builder.node('Conv', ['x', builder.weight([4, 3, 3, 3], 0.4), builder.weight([4], 0.1)], {
  pads: [1, 1, 1, 1],
});
const cut = builder.node('Relu', [first]);
const second = builder.node('Relu', [
  builder.node('Conv', [cut, builder.weight([6, 4, 1, 1], 0.4), builder.weight([6], 0.1)]),
]);
const pooled = builder.node('Flatten', [builder.node('GlobalAveragePool', [second])]);
const dense = builder.node('Gemm', [pooled, builder.weight([5, 6]), builder.weight([5], 0.05)], {
  transB: 1,
});
const embedding = builder.node('LpNormalization', [dense], { axis: 1 });
const model = builder.build(embedding, ['n', 3, SIDE, SIDE]);

const newTrainer = (base: Pick<TrainerOptions, 'model'> & Partial<TrainerOptions> = { model }): Trainer =>
  createTrainer({
    tf,
    input: { name: 'x', mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
    embedding,
    frozenUntil: cut,
    classes,
    dimension: 5,
    labelTriples: names.map((colour) => ({ type: `${colour} thing`, colour, gender: 'Unisex' })),
    wordCount: wordsOfTitles(items).words.length,
    labelWeights: LABEL_WEIGHTS,
    ...base,
    seed: 3,
  });

function paint(indices: ArrayLike<number>, seed: number): Uint8Array {
  const random = createRandom(seed);
  const length = SIDE * SIDE * 3;
  const pixels = new Uint8Array(indices.length * length);
  Array.from(indices).forEach((index, n) => {
    const colour = COLOURS[names[index % 3]!];
    for (let at = 0; at < length; at++) pixels[n * length + at] = colour[at % 3]! + random.between(-25, 25);
  });
  return pixels;
}

/** The pixels of a batch depend only on the step. @param crops how many crops each batch has; default: none. */
function loaderFrom(start: number, crops = 0): ViewLoader {
  let step = start;
  return {
    next() {
      const indices = indicesOfStep(step, items.length, BATCH, 3);
      const pixels = paint([...indices, ...indices], step++);
      const garments = indicesOfStep(step, 3, crops, 4);
      return Promise.resolve({
        indices,
        pixels,
        ...(crops > 0 && { crops: { pixels: paint(garments, 1000 + step), garments } }),
      });
    },
    close: () => Promise.resolve(),
  };
}

/** Garments that are things of one colour, or of either of two. */
const crops: TrainingCrops = {
  garments: [{ types: ['Red thing'] }, { types: ['Green thing', 'Blue thing'] }, { types: ['unheard of'] }],
  validation: { pixels: paint([0, 1], 98), kinds: ['top', 'shoes'] },
};

/** A step that learns colours only. @param isWithCrops whether it also has crops of no known type. */
function stepOf(trainer: Trainer, step: number, isWithCrops = false, rate = 1e-3): StepResult {
  const indices = indicesOfStep(step, items.length, BATCH, 3);
  const colour = Int32Array.from(indices, (index) => index % 3);
  const none = new Int32Array(BATCH).fill(-1);
  return trainer.train(
    {
      pixels: paint([...indices, ...indices], step),
      targets: { type: none, colour, gender: none, usage: none, season: none },
      labelTriples: colour,
      words: Array.from(indices, (index) => Uint16Array.of(index % 3)),
      ...(isWithCrops && { crops: { pixels: paint([0, 1], step), types: [[], []] } }),
    },
    step,
    rate,
  );
}

interface Options {
  readonly steps: number;
  readonly settings?: Partial<TrainingSettings>;
  readonly folder: string;
  readonly stopAfter?: number;
  readonly crashAt?: number;
  readonly identity?: string;
  /** Crops in each batch; default: none. */
  readonly cropsAStep?: number;
}

async function train(
  trainer: Trainer,
  { steps, folder, stopAfter, crashAt, settings, identity = '{}', cropsAStep = 0 }: Options,
): Promise<FinishedTraining> {
  const stopping = new AbortController();
  return runTraining({
    trainer,
    classes,
    items,
    validation: {
      items: items.slice(0, 12),
      pixels: paint(
        Array.from({ length: 12 }, (_, n) => n),
        99,
      ),
    },
    settings: {
      length: { steps },
      batch: BATCH,
      seed: 3,
      validateEvery: 5,
      saveEvery: 4,
      patience: 100,
      rate: 0.05,
      ...settings,
    },
    identity,
    folder,
    openLoader: (firstStep) => loaderFrom(firstStep, cropsAStep),
    ...(cropsAStep > 0 && { crops }),
    onProgress: ({ step }) => {
      if (step === stopAfter) stopping.abort();
      if (step === crashAt) throw new Error('crash');
    },
    signal: stopping.signal,
  });
}

const temporary = (): Promise<string> => mkdtemp(join(tmpdir(), 'training-'));

describe('a training', () => {
  it('learns, keeps the frozen weights, and exports a model whose new outputs are the classifiers’ scores', async () => {
    const trainer = newTrainer();
    const { run, step, end } = await train(trainer, { steps: 120, folder: await temporary() });
    expect({ step, end }).toEqual({ step: 120, end: 'complete' });
    expect(run.history.at(-1)!.loss).toBeLessThan(run.history[0]!.loss);
    expect(run.history.at(-1)!.validation.type).toMatchObject({ accuracy: 1, macroF1: 1, count: 12 });

    const trained = trainer.exportModel();
    const kept = [...model.initialisers].filter(
      ([name, { data }]) => trained.initialisers.get(name)!.data === data,
    );
    expect(kept.map(([name]) => name)).toEqual(['w0', 'w1']);
    const network = createNetwork({ tf, model: trained });
    const pixels = paint([0, 1, 2], 7);
    const floats = Float32Array.from(pixels, (value) => (value / 255 - 0.5) / 0.5);
    const [vectors, scores] = network.run(tf.tensor4d(floats, [3, SIDE, SIDE, 3]));
    expect([...(await tf.argMax(scores!, 1).data())].map((n) => classes.type[n])).toEqual([
      'Red thing',
      'Green thing',
      'Blue thing',
    ]);
    const own = trainer.embed(pixels, 3);
    (await vectors!.data<'float32'>()).forEach((value, n) => {
      expect(value).toBeCloseTo(own[n]!, 5);
    });
    network.dispose();
    trainer.dispose();
  });

  it('continues with the classifiers of the base model where their classes are the same', async () => {
    const first = newTrainer();
    await train(first, { steps: 20, folder: await temporary() });
    const trained = first.exportModel();
    const second = newTrainer({ model: trained, learned: { ...classes, colour: ['Red', 'Green', 'Blue'] } });
    second.classifiers().type.forEach((value, n) => {
      expect(value).toBeCloseTo(first.classifiers().type[n]!, 4);
    });
    const far = second
      .classifiers()
      .colour.map((value, n) => Math.abs(value - first.classifiers().colour[n]!));
    expect(Math.max(...far)).toBeGreaterThan(1); // its classes are in another order
    first.dispose();
    second.dispose();
  });

  it('continues after a stop or a crash as if nothing had happened', async () => {
    const whole = newTrainer();
    const straight = await train(whole, { steps: 23, folder: await temporary() });
    const folder = await temporary();
    const before = newTrainer();
    expect(await train(before, { steps: 23, folder, stopAfter: 10 })).toMatchObject({
      step: 10,
      end: 'stopped',
    });
    before.dispose();
    // One step more than the checkpoint holds, as after kill -9.
    const lost = newTrainer();
    await expect(train(lost, { steps: 23, folder, crashAt: 11 })).rejects.toThrow('crash');
    lost.dispose();
    expect((await readCheckpoint(join(folder, 'latest.checkpoint')))?.step).toBe(10);
    const after = newTrainer();
    const resumed = await train(after, { steps: 23, folder });
    expect({ ...resumed.run, seconds: 0 }).toEqual({ ...straight.run, seconds: 0 });
    expect(await after.save()).toEqual(await whole.save());
    whole.dispose();
    after.dispose();
  });

  it('ends early with the best weights when validation stops improving, but not before the weight average has begun', async () => {
    const trainer = newTrainer();
    const start = await trainer.save();
    const settings = { rate: 0, patience: 2 };
    const finished = await train(trainer, { steps: 100, folder: await temporary(), settings });
    // Averaging begins with step 34, so the first validation of the average is at step 35.
    expect(finished).toMatchObject({ step: 45, end: 'early', bestStep: 35 });
    expect((await trainer.save()).get('label.type')).toEqual(start.get('label.type'));
    trainer.dispose();
  });

  it('delivers averaged weights, however well single weights did before', async () => {
    const folder = await temporary();
    const trainer = newTrainer();
    const { run } = await train(trainer, { steps: 180, folder });
    const before = run.history
      .filter(({ step }) => step <= 60)
      .map((entry) => entry.validation.type!.accuracy);
    expect(Math.max(...before)).toBe(1); // no later score can be better
    const best = (await readCheckpoint(join(folder, 'best.checkpoint')))!;
    expect(best.step).toBeGreaterThan(60);
    expect(best.tensors.get('steps of the mean')!.data[0]).toBe(best.step - 60);
    trainer.dispose();
  });

  it('estimates how many steps fit into the given minutes', async () => {
    const trainer = newTrainer();
    const settings = { length: { minutes: 0.03 } };
    const { step, end, run } = await train(trainer, { steps: 0, folder: await temporary(), settings });
    expect(end).toBe('complete');
    expect(step).toBe(run.total);
    expect(step).toBeGreaterThan(25);
    trainer.dispose();
  });

  it('refuses to continue from the checkpoint of another run', async () => {
    const folder = await temporary();
    const trainer = newTrainer();
    const identity = (settings: object): string => JSON.stringify({ seed: 1, ...settings });
    const colours = { type: 1, colour: 0.5 };
    const before = identity({ length: { steps: 4 }, labelWeights: colours });
    await train(trainer, { steps: 4, folder, identity: before });
    const now = identity({ length: { minutes: 8 }, labelWeights: { ...colours, colour: 2 } });
    const other = train(trainer, { steps: 8, folder, identity: now });
    await expect(other).rejects.toThrow(OperatorError);
    await expect(other).rejects.toThrow(
      `${folder} holds a run with other settings:\n` +
        '  length.steps: 4 before, not set now\n' +
        '  labelWeights.colour: 0.5 before, 2 now\n' +
        '  length.minutes: not set before, 8 now\n' +
        'Name another folder with --out, or remove this one.',
    );
    trainer.dispose();
  });

  it('refuses to freeze up to a value that is not in the model', () => {
    expect(() => newTrainer({ model, frozenUntil: 'nope' })).toThrow(OperatorError);
    expect(() => newTrainer({ model, frozenUntil: 'nope' })).toThrow(
      /^--frozen-until: expected a value inside the model, such as "\w+" in its middle, got "nope"\.$/,
    );
  });

  it('multiplies the loss of a label by its weight', () => {
    const losses = [0.5, 2].map((colour) => {
      const trainer = newTrainer({ model, labelWeights: { ...LABEL_WEIGHTS, colour } });
      const { loss, labels } = stepOf(trainer, 0);
      trainer.dispose();
      return { loss, colour: labels.colour };
    });
    expect(losses[0]!.colour).toBeGreaterThan(0.1);
    expect(losses[1]!.loss - losses[0]!.loss).toBeCloseTo(1.5 * losses[0]!.colour, 4);
  });

  it('learns from crops of outfits beside the items, again the same after a stop', async () => {
    const withCrops = { crops: { colourTemperature: 1 } };
    const first = newTrainer();
    await train(first, { steps: 40, folder: await temporary() });
    const base = { model: first.exportModel(), learned: classes, ...withCrops };
    const whole = newTrainer(base);
    const straight = await train(whole, { steps: 23, folder: await temporary(), cropsAStep: 2 });
    const folder = await temporary();
    await train(newTrainer(base), { steps: 23, folder, stopAfter: 10, cropsAStep: 2 });
    const after = newTrainer(base);
    const resumed = await train(after, { steps: 23, folder, cropsAStep: 2 });
    expect({ ...resumed.run, seconds: 0 }).toEqual({ ...straight.run, seconds: 0 });
    expect(await after.save()).toEqual(await whole.save());
    const [start, end] = [straight.run.history[0]!, straight.run.history.at(-1)!];
    expect(end.labelLosses.crops).toBeLessThan(start.labelLosses.crops!);
    expect(start.labelLosses.kept).toBeGreaterThan(0);
    expect(start.labelLosses.cropColours).toBeGreaterThan(0);
    expect(end.validation.crops).toMatchObject({ count: 2 });
  });

  it('stays nearer to the model before, the more it is told to', () => {
    const one = newTrainer({ model, crops: { colourTemperature: 1 } });
    const none = newTrainer();
    const distances = [one, none].map((trainer) => {
      const pixels = paint([0, 1, 2], 5);
      const before = trainer.embed(pixels, 3);
      for (let step = 0; step < 30; step++) stepOf(trainer, step, trainer === one, 2e-2);
      const after = trainer.embed(pixels, 3);
      trainer.dispose();
      return 3 - before.reduce((sum, value, n) => sum + value * after[n]!, 0);
    });
    expect(distances[0]).toBeLessThan(0.5 * distances[1]!);
  });

  it.each([false, true])('leaks no tensor in any step (with crops: %s)', (isWithCrops) => {
    const before = tf.memory().numTensors;
    const trainer = newTrainer({ model, ...(isWithCrops && { crops: { colourTemperature: 1 } }) });
    const one = (step: number): void => {
      stepOf(trainer, step, isWithCrops);
      trainer.average();
    };
    one(0);
    const { numTensors } = tf.memory();
    for (let step = 1; step < 6; step++) one(step);
    expect(tf.memory().numTensors).toBe(numTensors);
    trainer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
