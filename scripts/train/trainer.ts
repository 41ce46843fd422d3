/** The network that is trained: frozen early blocks, trained late ones, an embedding, and a classifier for each label. */

import type * as tfjs from '@tensorflow/tfjs-core';
import { channelTables, toInterleaved } from '../../src/embed/normalise-pixels.ts';
import type { OnnxModel } from '../../src/embed/onnx-file.ts';
import { createNetwork } from '../../src/embed/tensorflow-network.ts';
import type { Tf } from '../../src/embed/tensorflow-context.ts';
import type { InputSpec } from '../../src/embed/model.ts';
import { OperatorError } from '../../src/util/errors.ts';
import { createAdamW, type TrainedWeight } from './adam-w.ts';
import type { SavedTensor } from './checkpoint.ts';
import { createClassifiers, type Task } from './classifiers.ts';
import { type Classes, HEAD_NAMES, type HeadName, type LabelTriple } from './labelled-items.ts';
import { contrastiveLoss, labelLoss, wordLoss } from './losses.ts';
import { refuseUnknownValue } from './refuse-unknown-value.ts';
import { severalHot } from './title-words.ts';
import { createWeightAverage } from './weight-average.ts';

export interface TrainerOptions {
  readonly tf: Tf;
  readonly model: OnnxModel;
  readonly input: Pick<InputSpec, 'name' | 'mean' | 'std'>;
  /** Name of the model's embedding: unit vectors `[n, dimension]`. */
  readonly embedding: string;
  /** Of that embedding. */
  readonly dimension: number;
  /** The value inside the model up to which nothing is trained. */
  readonly frozenUntil: string;
  /** What the model's own classifiers tell apart; those of the same classes are gone on with. Default: it has none. */
  readonly learned?: Partial<Classes>;
  readonly classes: Classes;
  /** Looks to be told apart (`labelTriplesOf`). */
  readonly labelTriples: readonly LabelTriple[];
  /** How many words of titles are told apart (`wordsOfTitles`). */
  readonly wordCount: number;
  /** How much the loss of each label counts. */
  readonly labelWeights: Readonly<Record<HeadName, number>>;
  readonly seed: number;
}

export interface TrainingBatch {
  /** RGB of `2 * n` squares: the catalogue views of `n` items, then their shopper views. */
  readonly pixels: Uint8Array;
  /** The class of each item by head; -1: not known. */
  readonly targets: Readonly<Record<HeadName, Int32Array>>;
  /** The look of each item; -1: not known. */
  readonly labelTriples: Int32Array;
  /** Places of the words of each item's title. */
  readonly words: readonly Uint16Array[];
}

export interface StepResult {
  readonly loss: number;
  readonly contrastive: number;
  readonly labels: Readonly<Record<HeadName, number>>;
}

export interface Trainer {
  /** One change of the weights. @param learningRate of new layers; the backbone has a smaller one. */
  train(batch: TrainingBatch, step: number, learningRate: number): StepResult;
  /** From the first call on, what embeds, classifies and is exported is the mean of the weights at every call. */
  average(): void;
  /** Unit vectors `[count, dimension]` of that many RGB squares of any one size. */
  embed(pixels: Uint8Array, count: number): Float32Array;
  /** Directions times scale, `[dimension, classes]`, row-major: an embedding times it is the score of each class. */
  classifiers(): Readonly<Record<HeadName, Float32Array>>;
  /** Everything that changes while training. */
  save(): Promise<Map<string, SavedTensor>>;
  /** @throws {OperatorError} when the tensors are those of another network. */
  restore(tensors: ReadonlyMap<string, SavedTensor>): void;
  /** The model, with its classifiers as further outputs `label.NAME`. */
  exportModel(): OnnxModel;
  readonly dimension: number;
  /** How many numbers are trained. */
  readonly trainedCount: number;
  dispose(): void;
}

/** Of what a step does, for checkpoints: raised with every change of it. */
export const RECIPE = 2;

/** Learning rates: the backbone learns slower than classifiers do; its head begins with principal components, or trained. */
const BACKBONE_RATE = 0.15;
const HEAD_RATE = 0.5;
const SMOOTHING = 0.1;
const CONTRASTIVE_WEIGHT = 0.5;
const LOOK_WEIGHT = 0.5;
const WORDS_WEIGHT = 0.4;
const TEMPERATURE = 0.1;
const WEIGHT_DECAY = 1e-4;
const CLIP_NORM = 5;

export function createTrainer(options: TrainerOptions): Trainer {
  const {
    tf,
    model,
    input,
    embedding,
    frozenUntil,
    learned = {},
    classes,
    labelTriples,
    wordCount,
    seed,
  } = options;
  refuseUnknownValue(model, frozenUntil);
  const frozen = createNetwork({ tf, model, input: input.name, outputs: [frozenUntil] });
  const trained = createNetwork({
    tf,
    model,
    input: frozenUntil,
    outputs: [embedding],
    trainable: (name) => !frozen.weights.has(name),
  });
  const tables = channelTables(input);
  const pixelsOf = (pixels: Uint8Array, count: number): tfjs.Tensor4D => {
    const side = Math.sqrt(pixels.length / (count * 3));
    return tf.tensor4d(toInterleaved([pixels], count * side * side, tables), [count, side, side, 3]);
  };

  const { dimension, labelWeights } = options;
  const classifiers = createClassifiers({
    tf,
    model,
    learned,
    classes,
    labelTriples,
    wordCount,
    dimension,
    seed,
  });
  const weights: TrainedWeight[] = [
    ...[...trained.weights.values()]
      .filter(({ variable }) => variable.trainable)
      .map(({ name, variable, dims }) => ({
        name,
        variable,
        rate: dims.length === 2 ? HEAD_RATE : BACKBONE_RATE, // a matrix stands behind the pooling
      })),
    ...classifiers.weights,
  ];
  const optimiser = createAdamW(weights, { tf, weightDecay: WEIGHT_DECAY, clipNorm: CLIP_NORM });
  const average = createWeightAverage(tf, weights);
  const changing = new Map<string, tfjs.Variable>([
    ...weights.map(({ name, variable }) => [name, variable] as const),
    ...optimiser.state,
    ...average.state,
  ]);

  /** The weighted sum, then its parts in the order of the result. */
  function losses(
    features: tfjs.Tensor,
    targets: ReadonlyMap<HeadName, tfjs.Tensor1D>,
    tripleTargets: tfjs.Tensor1D,
    wordTargets: tfjs.Tensor2D,
  ): tfjs.Scalar[] {
    const vectors = trained.run(features, { training: true })[0] as tfjs.Tensor2D;
    const half = vectors.shape[0] / 2;
    const [catalogue, shopper] = tf.split(vectors, [half, half]) as [tfjs.Tensor2D, tfjs.Tensor2D];
    const contrastive = contrastiveLoss(tf, catalogue, shopper, TEMPERATURE);
    const lossOf = (of: Task, wanted: tfjs.Tensor1D): tfjs.Scalar => {
      const scores = classifiers.scores(of, vectors);
      return scores ? labelLoss(tf, scores, tf.concat1d([wanted, wanted]), SMOOTHING) : tf.scalar(0);
    };
    const labels = HEAD_NAMES.map((head) => lossOf(head, targets.get(head)!));
    const weighted = labels.map((loss, n) => tf.mul<tfjs.Scalar>(loss, labelWeights[HEAD_NAMES[n]!]));
    const look = lossOf('look', tripleTargets);
    const wordScores = classifiers.scores('words', vectors);
    const words = wordScores
      ? wordLoss(tf, wordScores, tf.concat2d([wordTargets, wordTargets], 0))
      : tf.scalar(0);
    const total = tf.addN<tfjs.Scalar>([
      tf.mul(contrastive, CONTRASTIVE_WEIGHT),
      tf.mul(look, LOOK_WEIGHT),
      tf.mul(words, WORDS_WEIGHT),
      ...weighted,
    ]);
    return [total, contrastive, ...labels];
  }

  return {
    dimension,
    trainedCount: weights.reduce((sum, { variable }) => sum + variable.size, 0),

    train({ pixels, targets, labelTriples: wantedTriples, words }, step, learningRate) {
      return tf.tidy(() => {
        const features = frozen.run(pixelsOf(pixels, wantedTriples.length * 2))[0]!;
        const tripleTargets = tf.tensor1d(wantedTriples, 'int32');
        const wordTargets = tf.tensor2d(severalHot(words, wordCount), [words.length, wordCount]);
        const wanted = new Map(HEAD_NAMES.map((head) => [head, tf.tensor1d(targets[head], 'int32')]));
        let parts: tfjs.Scalar[] = [];
        const { grads } = tf.variableGrads(
          () => {
            parts = losses(features, wanted, tripleTargets, wordTargets).map((loss) => tf.keep(loss));
            return parts[0]!;
          },
          weights.map(({ variable }) => variable),
        );
        optimiser.apply(grads, step, learningRate);
        const [loss = NaN, contrastive = NaN, ...labels] = parts.map((part) => part.dataSync()[0]!);
        for (const part of parts) part.dispose();
        const byHead = Object.fromEntries(HEAD_NAMES.map((head, n) => [head, labels[n] ?? NaN]));
        return { loss, contrastive, labels: byHead as Record<HeadName, number> };
      });
    },

    average() {
      average.add();
    },

    embed: (pixels, count) =>
      average.during(() =>
        tf.tidy(() => {
          const [vectors] = trained.run(frozen.run(pixelsOf(pixels, count))[0]!);
          return Float32Array.from(vectors!.dataSync());
        }),
      ),

    classifiers: () =>
      average.during(
        () =>
          Object.fromEntries(HEAD_NAMES.map((head) => [head, classifiers.matrix(head)])) as Record<
            HeadName,
            Float32Array
          >,
      ),

    async save() {
      const saved = new Map<string, SavedTensor>();
      for (const [name, variable] of changing) {
        saved.set(name, { shape: variable.shape, data: Float32Array.from(await variable.data<'float32'>()) });
      }
      return saved;
    },

    restore(tensors) {
      for (const [name, variable] of changing) {
        const saved = tensors.get(name);
        if (saved?.shape.join() !== variable.shape.join()) {
          throw new OperatorError(
            `The checkpoint has no "${name}" of shape ${variable.shape.join('x')}: it is of another model, other labels or other settings. Name another folder with --out, or remove it.`,
          );
        }
        tf.tidy(() => {
          variable.assign(tf.tensor(saved.data, [...saved.shape]));
        });
      }
    },

    exportModel: () =>
      average.during(() => {
        const initialisers = new Map(model.initialisers);
        for (const [name, { variable }] of trained.weights) {
          const known = initialisers.get(name);
          if (known && variable.trainable) {
            initialisers.set(name, { ...known, data: trained.exportWeight(name) });
          }
        }
        return classifiers.addTo({ ...model, initialisers }, embedding);
      }),

    dispose() {
      optimiser.dispose();
      average.dispose();
      classifiers.dispose();
      frozen.dispose();
      trained.dispose();
    },
  };
}
