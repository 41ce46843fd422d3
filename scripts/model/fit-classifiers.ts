/**
 * Fits the classifiers of a model to fixed embeddings (Kang et al., Decoupling representation and classifier, 2020). They
 * come from pictures as in the product instead of training views, with rare types as rare as they are.
 */

import { pMapIterable } from 'p-map';
import { embedViews } from '../../src/recommend/embed-views.ts';
import type { Embedder } from '../../src/embed/embedder.ts';
import type { OnnxModel } from '../../src/embed/onnx-file.ts';
import type { Tf } from '../../src/embed/tensorflow-context.ts';
import type { PhotoDecoder } from '../../src/photo/decode-photo.ts';
import { createAdamW, learningRateAt } from '../train/adam-w.ts';
import { createClassifiers } from '../train/classifiers.ts';
import { type Classes, HEAD_NAMES, type HeadName } from '../train/labelled-items.ts';
import { labelLoss } from '../train/losses.ts';
import { createRandom, shuffled } from '../train/random.ts';

const EPOCHS = 6;
/** Few embeddings are used for more epochs, until there are this many steps. */
const LEAST_STEPS = 300;
const BATCH = 512;
const RATE = 0.005;
const SMOOTHING = 0.1;
const IN_FLIGHT = 16;
const SEED = 1;

/** For each picture its embedding as an item, then as a photo: `[2 * reads, dimension]`. */
export async function embedBothWays(
  reads: readonly (() => Promise<Uint8Array>)[],
  {
    embedder,
    decoder,
    onProgress,
  }: {
    readonly embedder: Embedder;
    readonly decoder: Pick<PhotoDecoder, 'open'>;
    readonly onProgress: (done: number, total: number) => void;
  },
): Promise<Float32Array> {
  const bulk = { priority: 'bulk' } as const;
  const { dimension } = embedder.fingerprint;
  const vectors = new Float32Array(2 * reads.length * dimension);
  const embed = async (read: () => Promise<Uint8Array>) =>
    embedViews(embedder, await (await decoder.open(await read(), bulk)).views(embedder.input.side), bulk);
  let done = 0;
  for await (const { whole, mean } of pMapIterable(reads, embed, {
    concurrency: IN_FLIGHT,
    backpressure: 4 * IN_FLIGHT,
  })) {
    vectors.set(whole, 2 * done * dimension);
    vectors.set(mean, (2 * done + 1) * dimension);
    done++;
    onProgress(done, reads.length);
  }
  return vectors;
}

export interface FitOptions {
  readonly tf: Tf;
  readonly model: OnnxModel;
  /** Name of the model's embedding. */
  readonly embedding: string;
  readonly dimension: number;
  /** Classes of its classifiers; empty for a label without one. */
  readonly classes: Classes;
  /** Unit vectors `[n, dimension]`. */
  readonly vectors: Float32Array;
  /** The class of each vector by label; -1: unknown. */
  readonly targets: Readonly<Record<HeadName, Int32Array>>;
  /** @param loss mean over the epoch, summed over labels. */
  readonly onEpoch: (epoch: number, loss: number) => void;
}

/** @returns the model with the fitted classifiers; everything else is unchanged. */
export function fitClassifiers(options: FitOptions): OnnxModel {
  const { tf, model, embedding, dimension, classes, vectors, targets, onEpoch } = options;
  const classifiers = createClassifiers({
    tf,
    model,
    learned: classes,
    classes,
    labelTriples: [],
    wordCount: 0,
    dimension,
    seed: SEED,
  });
  const optimiser = createAdamW(classifiers.weights, { tf, weightDecay: 0, clipNorm: Infinity });
  const rows = vectors.length / dimension;
  const epochs = Math.max(EPOCHS, Math.ceil(LEAST_STEPS / Math.ceil(rows / BATCH)));
  const steps = epochs * Math.ceil(rows / BATCH);
  let step = 0;

  function train(indices: Uint32Array): number {
    return tf.tidy(() => {
      const chosen = new Float32Array(indices.length * dimension);
      indices.forEach((index, n) => {
        chosen.set(vectors.subarray(index * dimension, (index + 1) * dimension), n * dimension);
      });
      const batch = tf.tensor2d(chosen, [indices.length, dimension]);
      const wanted = HEAD_NAMES.map((head) =>
        tf.tensor1d(
          Int32Array.from(indices, (index) => targets[head][index]!),
          'int32',
        ),
      );
      const { value, grads } = tf.variableGrads(
        () => {
          const losses = HEAD_NAMES.flatMap((head, n) => {
            const scores = classifiers.scores(head, batch);
            return scores ? [labelLoss(tf, scores, wanted[n]!, SMOOTHING)] : [];
          });
          return tf.addN(losses);
        },
        classifiers.weights.map(({ variable }) => variable),
      );
      optimiser.apply(grads, step, learningRateAt(step, steps, 0, RATE));
      step++;
      return value.dataSync()[0]!;
    });
  }

  try {
    for (let epoch = 0; epoch < epochs; epoch++) {
      const order = shuffled(rows, createRandom(SEED, 0xf17, epoch));
      let sum = 0;
      for (let start = 0; start < rows; start += BATCH) {
        const indices = order.subarray(start, start + BATCH);
        sum += train(indices) * indices.length;
      }
      onEpoch(epoch, sum / rows);
    }
    return classifiers.addTo(model, embedding);
  } finally {
    optimiser.dispose();
    classifiers.dispose();
  }
}
