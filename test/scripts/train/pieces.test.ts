import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { createAdamW, learningRateAt } from '../../../scripts/train/adam-w.ts';
import { readCheckpoint, writeCheckpoint } from '../../../scripts/train/checkpoint.ts';
import { cutOut, laidOut } from '../../../scripts/train/cut-out.ts';
import {
  classesOf,
  epochOf,
  labelTriplesOf,
  splitOf,
  targetsOf,
} from '../../../scripts/train/labelled-items.ts';
import { contrastiveLoss, cosineScores, labelLoss, wordLoss } from '../../../scripts/train/losses.ts';
import { createRandom, shuffled } from '../../../scripts/train/random.ts';
import { bestClasses, multiply, scoreClasses } from '../../../scripts/train/scores.ts';
import { wordsOfTitles } from '../../../scripts/train/title-words.ts';
import { indicesOfStep } from '../../../scripts/train/view-loader.ts';
import { catalogueView, shopperView } from '../../../scripts/train/views.ts';
import { createWeightAverage } from '../../../scripts/train/weight-average.ts';
import { OperatorError } from '../../../src/util/errors.ts';
import { loadRuntime } from '../../embed/javascript-runtime.ts';

beforeAll(() => loadRuntime());

const item = (title: string, type?: string) => ({
  id: title,
  title,
  labels: type === undefined ? {} : { type },
});

describe('the split', () => {
  it('puts a product on one side, however its name is written, and keeps a tenth for validation', () => {
    expect(splitOf('Nike  Men Red Shirt ')).toBe(splitOf('nike men red shirt'));
    const sides = Array.from({ length: 2000 }, (_, n) => splitOf(`product ${n}`));
    const share = sides.filter((side) => side === 'validation').length / sides.length;
    expect(share).toBeGreaterThan(0.08);
    expect(share).toBeLessThan(0.12);
  });

  it('has classes of at least five items, and no target for the others', () => {
    const five = (type: string) => Array.from({ length: 5 }, (_, n) => item(`${type} ${n}`, type));
    const items = [...five('Shirts'), ...five('Caps'), item('one', 'Capes'), item('none')];
    const classes = classesOf(items);
    expect(classes.type).toEqual(['Caps', 'Shirts']);
    expect(classes.colour).toEqual([]);
    expect([...targetsOf(items, classes).type]).toEqual([1, 1, 1, 1, 1, 0, 0, 0, 0, 0, -1, -1]);
  });
});

describe('label triples and epochs', () => {
  const things = (count: number, type: string, colour: string, gender = 'Men') =>
    Array.from({ length: count }, (_, n) => ({
      id: `${type}${n}`,
      title: `${colour} ${type} ${n}`,
      labels: { type, colour, gender },
    }));

  it('give items with equal type, colour and gender one triple if there are five', () => {
    const items = [
      ...things(5, 'Shirts', 'Red'),
      ...things(5, 'Shirts', 'Blue'),
      ...things(4, 'Caps', 'Red'),
    ];
    const { names, targets } = labelTriplesOf([...items, item('unlabelled')]);
    expect(names).toEqual([
      { type: 'Shirts', colour: 'Blue', gender: 'Men' },
      { type: 'Shirts', colour: 'Red', gender: 'Men' },
    ]);
    expect([...targets]).toEqual([1, 1, 1, 1, 1, 0, 0, 0, 0, 0, -1, -1, -1, -1, -1]);
  });

  it('contain every item once, and items of rare types up to three times', () => {
    const items = [
      ...things(1000, 'Shirts', 'Red'),
      ...things(250, 'Skirts', 'Red'),
      ...things(10, 'Capes', 'Red'),
    ];
    const times = new Uint32Array(items.length);
    for (const place of epochOf(items)) times[place]!++;
    expect(new Set(times.subarray(0, 1000))).toEqual(new Set([1]));
    expect(new Set(times.subarray(1000, 1250))).toEqual(new Set([2])); // the square root of 1000 / 250
    expect(new Set(times.subarray(1250))).toEqual(new Set([3]));
  });
});

describe('random numbers', () => {
  it('are equal for equal seeds and differ for all others', () => {
    const draw = (...seeds: number[]): number => createRandom(...seeds)();
    expect(draw(1, 2, 3)).toBe(draw(1, 2, 3));
    expect(new Set([draw(1, 2, 3), draw(1, 2, 4), draw(1, 3, 2), draw(2, 2, 3), draw(1, 2)]).size).toBe(5);
  });

  it('shuffle without loss, so that an epoch has every item once', () => {
    expect([...shuffled(100, createRandom(4))].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, n) => n),
    );
    const epoch = [0, 1, 2, 3].flatMap((step) => [...indicesOfStep(step, 17, 4, 9)]);
    expect(new Set(epoch).size).toBe(16);
    expect([...indicesOfStep(2, 17, 4, 9)]).toEqual([...indicesOfStep(2, 17, 4, 9)]);
    expect([...indicesOfStep(4, 17, 4, 9)]).not.toEqual([...indicesOfStep(0, 17, 4, 9)]);
  });
});

describe('views', () => {
  /** A white picture of 60x80 with a red rectangle. */
  const picture = (() => {
    const data = new Uint8Array(60 * 80 * 3).fill(255);
    for (let y = 20; y < 70; y++) for (let x = 15; x < 45; x++) data.set([200, 20, 30], (y * 60 + x) * 3);
    return { width: 60, height: 80, data };
  })();

  it('find the product, and keep white that the product encloses', () => {
    const holed = { ...picture, data: Uint8Array.from(picture.data) };
    holed.data.set([255, 255, 255], (40 * 60 + 30) * 3);
    const { mask, box } = cutOut(holed);
    expect(box).toEqual({ left: 15, top: 20, right: 45, bottom: 70 });
    expect(mask.reduce((sum, value) => sum + value, 0)).toBe(30 * 50);
  });

  it('take the whole picture if no product can be found', () => {
    const blank = { ...picture, data: new Uint8Array(60 * 80 * 3).fill(255) };
    expect(cutOut(blank).box).toEqual({ left: 0, top: 0, right: 60, bottom: 80 });
  });

  it('remove the wearer of a garment, and do not change what nobody wears', () => {
    // Above it a head of skin with hair that touches nothing else.
    const worn = { ...picture, data: Uint8Array.from(picture.data) };
    for (let y = 8; y < 20; y++)
      for (let x = 25; x < 35; x++) worn.data.set([205, 150, 120], (y * 60 + x) * 3);
    for (let y = 4; y < 8; y++) for (let x = 25; x < 35; x++) worn.data.set([20, 20, 20], (y * 60 + x) * 3);
    for (let y = 20; y < 70; y++)
      for (let x = 15; x < 45; x++) worn.data.set([30, 60, 200], (y * 60 + x) * 3);
    const whole = cutOut(worn);
    expect(whole.box.top).toBe(4);
    expect(laidOut(worn, whole)?.box).toEqual({ left: 15, top: 20, right: 45, bottom: 70 });
    const blue = { ...picture, data: Uint8Array.from(worn.data) };
    blue.data.fill(255, 0, 20 * 60 * 3);
    expect(laidOut(blue, cutOut(blue))).toBeUndefined();
  });

  it('are squares that depend on the seed only, and the shopper view still shows the product', async () => {
    const view = (seed: number) => shopperView(picture, picture, 64, createRandom(seed));
    expect(await view(1)).toHaveLength(64 * 64 * 3);
    expect(Buffer.compare(await view(1), await view(1))).toBe(0);
    expect(Buffer.compare(await view(1), await view(2))).not.toBe(0);
    const catalogue = await catalogueView(picture, 64, createRandom(3));
    expect([...catalogue.subarray(0, 3)]).toEqual([255, 255, 255]);
    expect(catalogue[(32 * 64 + 32) * 3 + 1]).toBeLessThan(60);
  });
});

describe('erasing', () => {
  it('hides a small part of some views, in one colour', async () => {
    const white = { width: 60, height: 80, data: new Uint8Array(60 * 80 * 3).fill(255) };
    const views = await Promise.all(
      Array.from({ length: 60 }, (_, seed) => catalogueView(white, 64, createRandom(seed))),
    );
    const hidden = views
      .map((view) => view.filter((value) => value !== 255).length / view.length)
      .filter((share) => share > 0);
    expect(hidden.length).toBeGreaterThan(6);
    expect(hidden.length).toBeLessThan(36);
    expect(Math.max(...hidden)).toBeLessThan(0.17);
    for (const view of views) {
      const colours = new Set<string>();
      for (let at = 0; at < view.length; at += 3) colours.add([...view.subarray(at, at + 3)].join());
      expect(colours.size).toBeLessThanOrEqual(2);
    }
  });
});

describe('losses', () => {
  it('follow their formulas', async () => {
    const scores = tf.tensor2d([2, 0, 0, 1, 5, 5], [3, 2]);
    const targets = tf.tensor1d([0, 1, -1], 'int32');
    const cross = (right: number, wrong: number): number =>
      Math.log(Math.exp(right) + Math.exp(wrong)) - right;
    const plain = (cross(2, 0) + cross(1, 0)) / 2;
    expect((await labelLoss(tf, scores, targets, 0).data())[0]).toBeCloseTo(plain, 5);
    const smoothed = (0.9 * cross(2, 0) + 0.1 * cross(0, 2) + 0.9 * cross(1, 0) + 0.1 * cross(0, 1)) / 2;
    expect((await labelLoss(tf, scores, targets, 0.2).data())[0]).toBeCloseTo(smoothed, 5);
  });

  it('give all words of a title an equal share, and ignore a title without words', async () => {
    const scores = tf.tensor2d([2, 0, 0, 9, 9, 9], [2, 3]);
    const several = tf.tensor2d([1, 1, 0, 0, 0, 0], [2, 3]);
    const sum = Math.log(Math.exp(2) + 2);
    expect((await wordLoss(tf, scores, several).data())[0]).toBeCloseTo((sum - 2 + sum) / 2, 5);
  });

  it('use the cosine, whatever the length of a direction', async () => {
    const embedding = tf.tensor2d([1, 0], [1, 2]);
    const directions = tf.tensor2d([3, 0, 4, 7], [2, 2]);
    const scores = await cosineScores(tf, embedding, directions, tf.scalar(10)).data();
    expect(scores[0]).toBeCloseTo(6, 4);
    expect(scores[1]).toBeCloseTo(0, 4);
  });

  it('are small when each view is closest to the other view of its own, and large when not', async () => {
    const a = tf.tensor2d([1, 0, 0, 1], [2, 2]);
    const swapped = tf.tensor2d([0, 1, 1, 0], [2, 2]);
    expect((await contrastiveLoss(tf, a, a, 0.1).data())[0]).toBeCloseTo(Math.log(1 + Math.exp(-10)), 4);
    expect((await contrastiveLoss(tf, a, swapped, 0.1).data())[0]).toBeCloseTo(10, 3);
  });
});

describe('words of titles', () => {
  it('are in at least thirty titles, count once per title and ignore case', () => {
    const many = Array.from({ length: 30 }, (_, n) => item(`Q&Q Men's T-shirt, no. ${n} q&q`));
    const { words, ofItems } = wordsOfTitles([...many, item('men'), item('')]);
    expect(words).toEqual(["men's", 'no', 'q&q', 't-shirt']);
    expect(new Set(ofItems.slice(0, 30).map((indices) => [...indices].sort().join()))).toEqual(
      new Set(['0,1,2,3']),
    );
    expect(ofItems.slice(30).map(({ length }) => length)).toEqual([0, 0]);
  });
});

describe('the mean of weights', () => {
  it('replaces them during an action, but not before it exists', () => {
    const before = tf.memory().numTensors;
    const variable = tf.tidy(() => tf.variable(tf.tensor1d([1, 10])));
    const set = (...values: number[]): void => {
      tf.tidy(() => {
        variable.assign(tf.tensor1d(values));
      });
    };
    const average = createWeightAverage(tf, [{ name: 'w', variable, rate: 1 }]);
    const now = (): number[] => [...variable.dataSync()];
    expect(average.during(now)).toEqual([1, 10]);
    average.add();
    set(4, 40);
    average.add();
    expect(average.during(now)).toEqual([2.5, 25]);
    expect(now()).toEqual([4, 40]);
    expect(() =>
      average.during(() => {
        throw new RangeError('while it stands');
      }),
    ).toThrow('while it stands');
    expect(now()).toEqual([4, 40]);
    set(1, 10);
    average.add();
    expect(average.during(now)).toEqual([2, 20]);
    expect([...average.state.keys()]).toEqual(['w/mean', 'steps of the mean']);
    average.dispose();
    variable.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('the optimiser', () => {
  it('does the same as AdamW by hand, with a clipped gradient', async () => {
    const variable = tf.variable(tf.tensor2d([1, -2], [1, 2]));
    const optimiser = createAdamW([{ name: 'w', variable, rate: 0.5 }], {
      tf,
      weightDecay: 0.1,
      clipNorm: 1,
    });
    optimiser.apply({ [variable.name]: tf.tensor2d([30, 40], [1, 2]) }, 0, 0.02);
    // Clipped to length 1: (0.6, 0.8). At the first step each number moves by the rate, against its sign.
    const moved = await variable.data();
    expect(moved[0]).toBeCloseTo(1 * (1 - 0.01 * 0.1) - 0.01, 5);
    expect(moved[1]).toBeCloseTo(-2 * (1 - 0.01 * 0.1) - 0.01, 5);
    expect((await optimiser.state.get('w/m')!.data())[1]).toBeCloseTo(0.08, 5);
    optimiser.dispose();
    variable.dispose();
  });

  it('warms up linearly and ends at zero', () => {
    expect(learningRateAt(0, 100, 10, 1)).toBeCloseTo(0.1);
    expect(learningRateAt(9, 100, 10, 1)).toBeCloseTo(1);
    expect(learningRateAt(55, 100, 10, 1)).toBeCloseTo(0.5);
    expect(learningRateAt(100, 100, 10, 1)).toBeCloseTo(0);
  });
});

describe('scores', () => {
  it('count right predictions, and weight all classes that occur equally', () => {
    const predicted = bestClasses(
      multiply(Float32Array.of(1, 0, 0, 1), Float32Array.of(1, 2, 3, 0, 5, 1), 2, 3),
      3,
    );
    expect([...predicted]).toEqual([2, 1]);
    const scores = scoreClasses(Int32Array.of(0, 0, 1, 1), Int32Array.of(0, 0, 0, -1), 3);
    expect(scores).toEqual({ accuracy: 2 / 3, macroF1: 0.8, count: 3 });
  });
});

describe('a checkpoint', () => {
  it('is read back bit by bit, is undefined without a file, and is refused when damaged', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'checkpoint-')), 'latest.checkpoint');
    expect(await readCheckpoint(path)).toBeUndefined();
    const tensors = new Map([
      ['a', { shape: [2, 1], data: Float32Array.of(0.1, -3e-38) }],
      ['b', { shape: [], data: Float32Array.of(7) }],
    ]);
    await writeCheckpoint(path, { step: 12, run: { seconds: 3.5 }, tensors });
    expect(await readCheckpoint(path)).toEqual({ step: 12, run: { seconds: 3.5 }, tensors });
    const bytes = await readFile(path);
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(path, bytes);
    await expect(readCheckpoint(path)).rejects.toThrow(OperatorError);
    await writeFile(path, 'half');
    await expect(readCheckpoint(path)).rejects.toThrow(/is damaged/);
  });
});
