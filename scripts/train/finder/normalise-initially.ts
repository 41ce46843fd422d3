/** Lets a new decoder begin with outputs of one size, so that it learns at once and in every layer. */

import type * as tfjs from '@tensorflow/tfjs-core';
import type { OnnxModel } from '../../../src/embed/onnx-file.ts';
import { createNetwork } from '../../../src/embed/tensorflow-network.ts';
import type { Tf } from '../../../src/embed/tensorflow-context.ts';

/**
 * Convolution after convolution, each channel is shifted and scaled to mean 0 and deviation 1 over the pictures (Mishkin and Matas,
 * All you need is a good init, 2016; Salimans and Kingma, Weight normalization, 2016).
 * @param convolutions names of nodes, in the order in which they are computed, each with a bias and a weight of its own.
 * @param pictures `[n, height, width, channels]`.
 */
export function normaliseInitially(
  tf: Tf,
  model: OnnxModel,
  convolutions: readonly string[],
  pictures: tfjs.Tensor4D,
): OnnxModel {
  const initialisers = new Map(model.initialisers);
  for (const name of convolutions) {
    const network = createNetwork({ tf, model: { ...model, initialisers }, outputs: [name] });
    const [means, deviations] = tf.tidy(() => {
      const output = network.run(pictures)[0]!;
      const { mean, variance } = tf.moments(output, [0, 1, 2]);
      return [mean.dataSync<'float32'>(), tf.sqrt(variance).dataSync<'float32'>()];
    });
    network.dispose();
    const [weightName, biasName] = [`${name}.weight.half`, `${name}.bias`];
    const [weight, bias] = [initialisers.get(weightName)!, initialisers.get(biasName)!];
    const each = weight.data.length / bias.data.length;
    const scaleOf = (channel: number): number => 1 / Math.max(1e-3, deviations[channel]!);
    initialisers.set(weightName, {
      ...weight,
      data: Float32Array.from(weight.data, (value, n) => value * scaleOf(Math.floor(n / each))),
    });
    initialisers.set(biasName, {
      ...bias,
      data: Float32Array.from(bias.data, (value, n) => (value - means[n]!) * scaleOf(n)),
    });
  }
  return { ...model, initialisers };
}
