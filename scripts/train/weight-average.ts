/** The mean of the weights over many steps, which generalises better than the weights of the last step. */

import type * as tfjs from '@tensorflow/tfjs-core';
import type { Tf } from '../../src/embed/tensorflow-context.ts';
import type { TrainedWeight } from './adam-w.ts';

export interface WeightAverage {
  /** Variables to save and restore, by name: one mean per weight, and the number of averaged steps. */
  readonly state: ReadonlyMap<string, tfjs.Variable>;
  /** Adds the current weights to the mean. */
  add(): void;
  /** Runs `action` with the means in place of the weights; before the first `add`, with the weights themselves. */
  during<Result>(action: () => Result): Result;
  dispose(): void;
}

/** Every step counts equally: Izmailov et al., Averaging weights leads to wider optima, 2018; Cha et al., SWAD, 2021. */
export function createWeightAverage(tf: Tf, weights: readonly TrainedWeight[]): WeightAverage {
  const means = weights.map(({ variable }) => tf.tidy(() => tf.variable(tf.zeros(variable.shape), false)));
  const steps = tf.tidy(() => tf.variable(tf.scalar(0), false));
  const exchange = (): void => {
    tf.tidy(() => {
      weights.forEach(({ variable }, n) => {
        const own = tf.clone(variable);
        variable.assign(means[n]!);
        means[n]!.assign(own);
      });
    });
  };
  return {
    state: new Map([
      ...weights.map(({ name }, n) => [`${name}/mean`, means[n]!] as const),
      ['steps of the mean', steps],
    ]),
    add() {
      tf.tidy(() => {
        steps.assign(tf.add(steps, 1));
        weights.forEach(({ variable }, n) => {
          const mean = means[n]!;
          mean.assign(tf.add(mean, tf.div(tf.sub(variable, mean), steps)));
        });
      });
    },
    during(action) {
      if (steps.dataSync()[0] === 0) return action();
      exchange();
      try {
        return action();
      } finally {
        exchange();
      }
    },
    dispose() {
      for (const variable of [...means, steps]) variable.dispose();
    },
  };
}
