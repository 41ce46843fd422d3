import { expect, it } from 'vitest';
import { useNativeGradients } from '../../../scripts/train/native-gradients.ts';
import { loadRuntime } from '../../../src/embed/tensorflow-native.ts';
import { hasNativeTensorflow, tensorflowFolder } from '../../embed/native-tensorflow.ts';

/** Values on both sides of the kinks at 0 and 6, but not on them. */
const POINTS = [-3, -0.5, 0.4, 2.5, 5.8, 6.3, 9];
const STEP = 0.01;

it.runIf(hasNativeTensorflow)(
  'the gradients that training uses on the native addon are those of finite differences, and leak nothing',
  async () => {
    const { tf } = await loadRuntime(tensorflowFolder);
    useNativeGradients(tf);
    for (const operation of ['relu', 'relu6'] as const) {
      const weights = tf.tensor1d(POINTS.map((_, n) => n + 1));
      const x = tf.tensor1d(POINTS);
      const gradient = tf.grad((at) => tf.sum(tf.mul(tf[operation](at), weights)));
      const found = tf.tidy(() => [...gradient(x).dataSync()]);
      const [above, below] = [STEP, -STEP].map((step) =>
        tf.tidy(() => [...tf.mul(tf[operation](tf.add(x, step)), weights).dataSync()]),
      );
      found.forEach((value, n) => {
        expect(value).toBeCloseTo((above![n]! - below![n]!) / (2 * STEP), 2);
      });
      const { numTensors } = tf.memory();
      for (let call = 0; call < 1000; call++) gradient(x).dispose();
      expect(tf.memory().numTensors).toBe(numTensors);
    }
  },
  120_000,
);
