/** AdamW with gradient clipping, and with a state that can be saved. */

import type * as tfjs from '@tensorflow/tfjs-core';
import type { Tf } from '../../src/embed/tensorflow-context.ts';

export interface AdamWOptions {
  readonly tf: Tf;
  readonly weightDecay: number;
  /** Largest norm of the gradient of all weights together. */
  readonly clipNorm: number;
}

export interface TrainedWeight {
  /** The same in every run. */
  readonly name: string;
  readonly variable: tfjs.Variable;
  /** Factor of the learning rate. */
  readonly rate: number;
}

export interface AdamW {
  /** Variables to save and restore, by name: two moments per weight. */
  readonly state: ReadonlyMap<string, tfjs.Variable>;
  /**
   * Updates every weight.
   * @param gradients by name of the variable.
   * @param step from 0.
   * @param learningRate for weights with rate 1.
   */
  apply(gradients: Readonly<Record<string, tfjs.Tensor>>, step: number, learningRate: number): void;
  dispose(): void;
}

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** Decoupled weight decay (Loshchilov and Hutter), on matrices and kernels only. */
export function createAdamW(weights: readonly TrainedWeight[], options: AdamWOptions): AdamW {
  const { tf, weightDecay, clipNorm } = options;
  const moments = weights.map(({ name, variable }) => {
    const zeros = (moment: string) => ({
      name: `${name}/${moment}`,
      variable: tf.tidy(() => tf.variable(tf.zeros(variable.shape), false)),
    });
    return { first: zeros('m'), second: zeros('v') };
  });
  const state = new Map(
    moments.flatMap(({ first, second }) => [first, second]).map(({ name, variable }) => [name, variable]),
  );
  return {
    state,
    apply(gradients, step, learningRate) {
      tf.tidy(() => {
        const of = ({ variable }: TrainedWeight): tfjs.Tensor => gradients[variable.name]!;
        const squares = weights.map((weight) => tf.sum<tfjs.Scalar>(tf.square(of(weight))));
        const norm = tf.sqrt(tf.addN(squares));
        const scale = tf.minimum(1, tf.div(clipNorm, tf.add(norm, 1e-6)));
        const [bias1, bias2] = [1 - BETA1 ** (step + 1), 1 - BETA2 ** (step + 1)];
        weights.forEach((weight, n) => {
          const { variable, rate } = weight;
          const { first, second } = moments[n]!;
          tf.tidy(() => {
            const gradient = tf.mul(of(weight), scale);
            first.variable.assign(tf.add(tf.mul(first.variable, BETA1), tf.mul(gradient, 1 - BETA1)));
            second.variable.assign(
              tf.add(tf.mul(second.variable, BETA2), tf.mul(tf.square(gradient), 1 - BETA2)),
            );
            const size = learningRate * rate;
            const direction = tf.div(
              tf.mul(first.variable, size / bias1),
              tf.add(tf.sqrt(tf.div(second.variable, bias2)), EPSILON),
            );
            const decay = variable.rank > 1 ? 1 - size * weightDecay : 1;
            variable.assign(tf.sub(tf.mul(variable, decay), direction));
          });
        });
      });
    },
    dispose() {
      for (const variable of state.values()) variable.dispose();
    },
  };
}

/** Linear warm-up, then cosine decay to zero. */
export function learningRateAt(step: number, total: number, warmUp: number, peak: number): number {
  if (step < warmUp) return (peak * (step + 1)) / warmUp;
  const done = Math.min(1, (step - warmUp) / Math.max(1, total - warmUp));
  return (peak * (1 + Math.cos(Math.PI * done))) / 2;
}
