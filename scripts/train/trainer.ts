/** The network in training: frozen early blocks, trained late blocks, an embedding, and a classifier for each label. */

import type * as tfjs from '@tensorflow/tfjs-core';
import { channelTables, toInterleaved } from '../../src/embed/normalise-pixels.ts';
import type { OnnxModel } from '../../src/embed/onnx-file.ts';
import { createNetwork, type Network } from '../../src/embed/tensorflow-network.ts';
import type { Tf } from '../../src/embed/tensorflow-context.ts';
import type { InputSpec } from '../../src/embed/model.ts';
import { createAdamW, type TrainedWeight } from './adam-w.ts';
import type { SavedTensor } from './checkpoint.ts';
import { createClassifiers } from './classifiers.ts';
import { createCropLesson } from './crops/crop-lesson.ts';
import {
  CROP_LOSSES,
  type CropStepLosses,
  cropStepLosses,
  type CropStepTargets,
  ITEMS_WEIGHT,
} from './crops/crop-step-losses.ts';
import { type Classes, HEAD_NAMES, type HeadName, type LabelTriple } from './labelled-items.ts';
import { refuseUnknownValue } from './refuse-unknown-value.ts';
import { restoreVariables, saveVariables } from './saved-variables.ts';
import { type StepLosses, stepLosses, type StepTargets } from './step-losses.ts';
import { readLosses, type StepResult } from './step-result.ts';
import { multiHot } from './title-words.ts';
import { createWeightAverage } from './weight-average.ts';

export interface TrainerOptions {
  readonly tf: Tf;
  readonly model: OnnxModel;
  readonly input: Pick<InputSpec, 'name' | 'mean' | 'std'>;
  /** Name of the model's embedding: unit vectors `[n, dimension]`. */
  readonly embedding: string;
  /** Dimension of that embedding. */
  readonly dimension: number;
  /** The value inside the model up to which nothing is trained. */
  readonly frozenUntil: string;
  /** Classes of the model's own classifiers. Training continues with those whose classes are the same. Default: it has none. */
  readonly learned?: Partial<Classes>;
  readonly classes: Classes;
  /** The classes of the classifier of label triples (`labelTriplesOf`). */
  readonly labelTriples: readonly LabelTriple[];
  /** How many words of titles are predicted (`wordsOfTitles`). */
  readonly wordCount: number;
  /** How much the loss of each label counts. */
  readonly labelWeights: Readonly<Record<HeadName, number>>;
  readonly seed: number;
  /** Also learn from crops of outfits. Default: the items alone. */
  readonly crops?: {
    /** That of the model's classifier of colours, by which it says what colours crops have. */
    readonly colourTemperature: number;
  };
}

export interface TrainingBatch {
  /** RGB of `2 * n` squares: the catalogue views of `n` items, then their shopper views. */
  readonly pixels: Uint8Array;
  /** The class of each item by head; -1: unknown. */
  readonly targets: Readonly<Record<HeadName, Int32Array>>;
  /** The label triple of each item; -1: unknown. */
  readonly labelTriples: Int32Array;
  /** Indices of the words in each item's title. */
  readonly words: readonly Uint16Array[];
  /** For a trainer with crops. */
  readonly crops?: {
    /** RGB of squares as large as the others. */
    readonly pixels: Uint8Array;
    /** The types that are right for each crop, as classes of the head of types. */
    readonly types: readonly (readonly number[])[];
  };
}

export interface Trainer {
  /** Updates the weights once. @param learningRate of new layers; the backbone has a smaller one. */
  train(batch: TrainingBatch, step: number, learningRate: number): StepResult;
  /** Adds the current weights to their mean. Once it was called, embeddings, classifiers and exports use the mean. */
  average(): void;
  /** Unit vectors `[count, dimension]` of that many RGB squares of any one size. */
  embed(pixels: Uint8Array, count: number): Float32Array;
  /** Directions times scale, `[dimension, classes]`, row-major: an embedding times it is the score of each class. */
  classifiers(): Readonly<Record<HeadName, Float32Array>>;
  /** Everything that changes during training. */
  save(): Promise<Map<string, SavedTensor>>;
  /** @throws {OperatorError} when the tensors belong to another network. */
  restore(tensors: ReadonlyMap<string, SavedTensor>): void;
  /** The model, with its classifiers as further outputs `label.NAME`. */
  exportModel(): OnnxModel;
  readonly dimension: number;
  /** How many numbers are trained. */
  readonly trainedCount: number;
  dispose(): void;
}

/** Version of what a training step does, kept in checkpoints. Increase it with every change to a step. */
export const RECIPE = 2;

/** Factors of the learning rate: the backbone learns more slowly than the classifiers; its head starts from principal components, or trained. */
const BACKBONE_RATE = 0.15;
const HEAD_RATE = 0.5;
const WEIGHT_DECAY = 1e-4;
const CLIP_NORM = 5;

export function createTrainer(options: TrainerOptions): Trainer {
  const { tf, model, input, embedding, frozenUntil, learned = {}, wordCount, labelWeights } = options;
  refuseUnknownValue(model, frozenUntil);
  const frozen = createNetwork({ tf, model, input: input.name, outputs: [frozenUntil] });
  const trained = createNetwork({
    tf,
    model,
    input: frozenUntil,
    outputs: [embedding],
    trainable: (name) => !frozen.weights.has(name),
  });
  const classifiers = createClassifiers({ ...options, learned });
  const weights = [...trainedWeights(trained), ...classifiers.weights];
  const optimiser = createAdamW(weights, { tf, weightDecay: WEIGHT_DECAY, clipNorm: CLIP_NORM });
  const average = createWeightAverage(tf, weights);
  const lesson = options.crops && createCropLesson({ ...options, ...options.crops, learned });
  const changing = new Map<string, tfjs.Variable>([
    ...weights.map(({ name, variable }) => [name, variable] as const),
    ...optimiser.state,
    ...average.state,
  ]);
  const tables = channelTables(input);

  /** Squares in RGB to what the frozen blocks compute of them. */
  function frozenFeatures(pixels: Uint8Array, count: number): tfjs.Tensor {
    const side = Math.sqrt(pixels.length / (count * 3));
    const floats = toInterleaved([pixels], count * side * side, tables);
    return frozen.run(tf.tensor4d(floats, [count, side, side, 3]))[0]!;
  }

  /** The losses of one batch and the gradients of their total. The caller disposes the losses. */
  function gradientsOf(features: tfjs.Tensor, targets: StepTargets, crops?: CropStepTargets) {
    let losses = undefined as StepLosses | undefined;
    let ofCrops = undefined as CropStepLosses | undefined;
    const { grads } = tf.variableGrads(
      () => {
        const all = trained.run(features, { training: true })[0] as tfjs.Tensor2D;
        const items = targets.labelTriples.shape[0];
        const embeddings = crops ? tf.slice(all, [0, 0], [2 * items, -1]) : all;
        losses = stepLosses(tf, classifiers, labelWeights, embeddings, targets);
        if (crops) {
          const parts = {
            catalogue: tf.slice(all, [0, 0], [items, -1]),
            crops: tf.slice(all, [2 * items, 0]),
          };
          ofCrops = cropStepLosses(tf, classifiers, parts, crops);
          const total = tf.add<tfjs.Scalar>(tf.mul(losses.total, ITEMS_WEIGHT), ofCrops.total);
          losses = { ...losses, total };
          for (const name of CROP_LOSSES) tf.keep(ofCrops[name]);
        }
        for (const loss of [losses.total, losses.contrastive, ...losses.labels]) tf.keep(loss);
        return losses.total;
      },
      weights.map(({ variable }) => variable),
    );
    return { grads, losses: losses!, ofCrops };
  }

  /** The features of a batch's pictures, and what its crops should give. */
  function prepare({ pixels, labelTriples, crops }: TrainingBatch) {
    const items = labelTriples.length;
    const features = frozenFeatures(pixels, 2 * items);
    if (!lesson || !crops) return { features };
    const ofCrops = frozenFeatures(crops.pixels, crops.types.length);
    return {
      features: tf.concat([features, ofCrops], 0),
      targets: lesson.targets(tf.slice(features, 0, items), ofCrops, crops.types),
    };
  }

  return {
    dimension: options.dimension,
    trainedCount: weights.reduce((sum, { variable }) => sum + variable.size, 0),

    train(batch, step, learningRate) {
      const { targets, labelTriples, words } = batch;
      return tf.tidy(() => {
        const prepared = prepare(batch);
        const { grads, losses, ofCrops } = gradientsOf(
          prepared.features,
          {
            labels: new Map(HEAD_NAMES.map((head) => [head, tf.tensor1d(targets[head], 'int32')])),
            labelTriples: tf.tensor1d(labelTriples, 'int32'),
            words: tf.tensor2d(multiHot(words, wordCount), [words.length, wordCount]),
          },
          prepared.targets,
        );
        optimiser.apply(grads, step, learningRate);
        return { ...readLosses(losses, ofCrops) };
      });
    },

    average() {
      average.add();
    },

    embed: (pixels, count) =>
      average.during(() =>
        tf.tidy(() => {
          const [vectors] = trained.run(frozenFeatures(pixels, count));
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

    save: () => saveVariables(changing),

    restore(tensors) {
      restoreVariables(tf, changing, tensors);
    },

    exportModel: () => average.during(() => classifiers.addTo(withTrainedWeights(model, trained), embedding)),

    dispose() {
      optimiser.dispose();
      average.dispose();
      lesson?.dispose();
      classifiers.dispose();
      frozen.dispose();
      trained.dispose();
    },
  };
}

// --- Internal helpers ---

/** The weights of a network that training changes, each with its share of the learning rate. */
function trainedWeights(network: Network): TrainedWeight[] {
  return [...network.weights.values()]
    .filter(({ variable }) => variable.trainable)
    .map(({ name, variable, dims }) => ({
      name,
      variable,
      rate: dims.length === 2 ? HEAD_RATE : BACKBONE_RATE, // a matrix is part of the head, behind the pooling
    }));
}

/** The model with the current numbers of what was trained. */
function withTrainedWeights(model: OnnxModel, trained: Network): OnnxModel {
  const initialisers = new Map(model.initialisers);
  for (const [name, { variable }] of trained.weights) {
    const known = initialisers.get(name);
    if (known && variable.trainable) {
      initialisers.set(name, { ...known, data: trained.exportWeight(name) });
    }
  }
  return { ...model, initialisers };
}
