import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { distanceLoss, setLoss, softLoss } from '../../../../scripts/train/crops/crop-losses.ts';
import { cropStepLosses } from '../../../../scripts/train/crops/crop-step-losses.ts';
import { loadRuntime } from '../../../embed/javascript-runtime.ts';

beforeAll(() => loadRuntime());

const STEP = 0.01;
const numberOf = (loss: tf.Scalar): number => loss.dataSync()[0]!;

describe('losses of crops', () => {
  it('of sets: minus the logarithm of the total probability of the right types', () => {
    const scores = tf.tensor2d([2, 0, 1, 0, 0, 3], [2, 3]);
    const sets = tf.tensor2d([1, 0, 1, 0, 1, 0], [2, 3]);
    const [a, b] = [Math.exp(2) + 1 + Math.E, 2 + Math.exp(3)];
    const expected = -(Math.log((Math.exp(2) + Math.E) / a) + Math.log(1 / b)) / 2;
    expect(numberOf(setLoss(tf, scores, sets))).toBeCloseTo(expected, 5);
  });

  it('of sets: nothing for a row without a right type, and none when every type is right', () => {
    const scores = tf.tensor2d([2, 0, 1, 0, 0, 30], [2, 3]);
    const all = tf.tensor2d([1, 1, 1, 0, 0, 0], [2, 3]);
    expect(numberOf(setLoss(tf, scores, all))).toBeCloseTo(0, 5);
    expect(numberOf(setLoss(tf, scores, tf.zerosLike(all)))).toBeCloseTo(0, 5);
  });

  it('of the distance to the model before: 0 for the same vectors, 1 for vectors at a right angle', () => {
    const a = tf.tensor2d([0.6, 0.8, 1, 0], [2, 2]);
    expect(numberOf(distanceLoss(tf, a, a))).toBeCloseTo(0, 5);
    expect(numberOf(distanceLoss(tf, a, tf.tensor2d([0.8, -0.6, 0, 1], [2, 2])))).toBeCloseTo(1, 5);
  });

  it('of probabilities before: the cross-entropy', () => {
    const loss = softLoss(tf, tf.tensor2d([2, 0], [1, 2]), tf.tensor2d([0.75, 0.25], [1, 2]));
    const sum = Math.log(Math.exp(2) + 1);
    expect(numberOf(loss)).toBeCloseTo(0.75 * (sum - 2) + 0.25 * sum, 5);
  });

  it('have the gradients of finite differences', () => {
    const sets = tf.tensor2d([1, 0, 1, 0, 0, 0], [2, 3]);
    const other = tf.tensor2d([0.2, 0.3, 0.5, 0.6, 0.3, 0.1], [2, 3]);
    const losses: readonly ((x: tf.Tensor) => tf.Scalar)[] = [
      (x) => setLoss(tf, x as tf.Tensor2D, sets),
      (x) => distanceLoss(tf, x as tf.Tensor2D, other),
      (x) => softLoss(tf, x as tf.Tensor2D, other),
    ];
    const values = Float32Array.of(0.3, -0.7, 1.2, 0.1, 0.9, -0.4);
    for (const loss of losses) {
      const found = tf
        .grad(loss)(tf.tensor(values, [2, 3]))
        .dataSync();
      values.forEach((value, n) => {
        const [above, below] = [STEP, -STEP].map((step) =>
          numberOf(loss(tf.tensor(values.with(n, value + step), [2, 3]))),
        );
        expect(found[n]).toBeCloseTo((above! - below!) / (2 * STEP), 3);
      });
    }
  });

  it('add up with their weights; colours that nobody knows cost nothing', () => {
    const classifiers = { scores: (_: string, vectors: tf.Tensor2D) => vectors };
    const crops = tf.tensor2d([0.8, 0.6], [1, 2]);
    const catalogue = tf.tensor2d([1, 0], [1, 2]);
    const targets = { sets: tf.tensor2d([1, 0], [1, 2]), embeddings: tf.tensor2d([0, 1], [1, 2]) };
    const colours = tf.tensor2d([0.5, 0.5], [1, 2]);
    const known = cropStepLosses(tf, classifiers, { catalogue, crops }, { ...targets, colours });
    const [ofCrops, kept, ofColours] = [known.crops, known.kept, known.cropColours].map(numberOf);
    expect(kept).toBeCloseTo(1, 5);
    expect(numberOf(known.total)).toBeCloseTo(ofCrops! + 4 + 0.3 * ofColours!, 4);
    const unknown = cropStepLosses(tf, classifiers, { catalogue, crops }, { ...targets, colours: undefined });
    expect(numberOf(unknown.total)).toBeCloseTo(ofCrops! + 4, 4);
  });
});
