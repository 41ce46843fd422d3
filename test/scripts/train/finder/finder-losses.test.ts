import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { overlapLoss, pixelLoss, presenceLoss } from '../../../../scripts/train/finder/finder-losses.ts';
import { loadRuntime } from '../../../embed/javascript-runtime.ts';

beforeAll(() => loadRuntime());

const STEP = 0.01;
const numberOf = (loss: tf.Scalar): number => loss.dataSync()[0]!;

describe('losses of the finder', () => {
  it('of pixels: the weighted mean of cross-entropies, without those that are not known', () => {
    const scores = tf.tensor2d([2, 0, 0, 1, 5, 5], [3, 2]);
    const hot = tf.tensor2d([1, 0, 0, 1, 0, 0], [3, 2]);
    const weights = tf.tensor1d([1, 3, 0]);
    const loss = pixelLoss(tf, tf.logSoftmax(scores), { hot, weights }, 0);
    const [first, second] = [-Math.log(1 / (1 + Math.exp(-2))), -Math.log(1 / (1 + Math.exp(-1)))];
    expect(numberOf(loss)).toBeCloseTo((first + 3 * second) / 4, 5);
  });

  it('of overlap: nothing for what is predicted where it is, all for what is predicted elsewhere', () => {
    const hot = tf.tensor2d(
      Array.from({ length: 400 }, (_, n) => (n % 2 === 0 ? 1 : 0)),
      [200, 2],
    );
    const known = tf.ones<tf.Rank.R2>([200, 1]);
    expect(numberOf(overlapLoss(tf, hot, hot, known))).toBeCloseTo(0, 1);
    const elsewhere = tf.sub<tf.Tensor2D>(1, hot);
    expect(numberOf(overlapLoss(tf, elsewhere, hot, known))).toBeCloseTo(1, 2);
  });

  it('of presence: binary cross-entropy of what is known, at any size of the scores', () => {
    const scores = tf.tensor2d([100, -100, 0, 3], [2, 2]);
    const wanted = tf.tensor2d([1, 0, 1, 0], [2, 2]);
    const known = tf.tensor2d([1, 1, 1, 0], [2, 2]);
    expect(numberOf(presenceLoss(tf, scores, wanted, known))).toBeCloseTo(Math.log(2) / 3, 5);
  });

  it('have the gradients of finite differences', () => {
    const hot = tf.tensor2d([1, 0, 0, 0, 1, 0], [2, 3]);
    const weights = tf.tensor1d([1, 2]);
    const known = tf.ones<tf.Rank.R2>([2, 1]);
    const losses: Readonly<Record<string, (x: tf.Tensor) => tf.Scalar>> = {
      pixels: (x) => pixelLoss(tf, tf.logSoftmax(x as tf.Tensor2D), { hot, weights }, 0.1),
      overlap: (x) => overlapLoss(tf, tf.softmax(x as tf.Tensor2D), hot, known),
      presence: (x) => presenceLoss(tf, x as tf.Tensor2D, hot, tf.onesLike(hot)),
    };
    const values = Float32Array.of(0.3, -0.7, 1.2, 0.1, 0.9, -0.4);
    for (const loss of Object.values(losses)) {
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
});
