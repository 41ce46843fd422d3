/** The finder while it is trained: a frozen beginning, a slowly learning backbone, a decoder. */

import type * as tfjs from '@tensorflow/tfjs-core';
import type { InputSpec } from '../../../src/embed/model.ts';
import { channelTables, toInterleaved } from '../../../src/embed/normalise-pixels.ts';
import type { OnnxModel } from '../../../src/embed/onnx-file.ts';
import type { Tf } from '../../../src/embed/tensorflow-context.ts';
import { createNetwork } from '../../../src/embed/tensorflow-network.ts';
import { OperatorError } from '../../../src/util/errors.ts';
import { GARMENT_KINDS, PIXEL_CLASSES, PRESENCES } from '../../../src/garments/garment-kinds.ts';
import { createAdamW, type TrainedWeight } from '../adam-w.ts';
import type { SavedTensor } from '../checkpoint.ts';
import { refuseUnknownValue } from '../refuse-unknown-value.ts';
import { createWeightAverage } from '../weight-average.ts';
import { FINDER_OUTPUTS } from './finder-graph.ts';
import { overlapLoss, pixelLoss, presenceLoss } from './finder-losses.ts';
import { UNKNOWN } from './outfit-photos.ts';
import type { SceneBatch } from './scene-worker.ts';

export interface FinderTrainerOptions {
  readonly tf: Tf;
  /** As `finderGraph` makes it. */
  readonly model: OnnxModel;
  readonly input: Pick<InputSpec, 'name' | 'mean' | 'std'>;
  /** The value of the backbone up to which nothing is trained. */
  readonly frozenUntil: string;
  /** How much a pixel of each class counts, in the order of `PIXEL_CLASSES`. */
  readonly classWeights: readonly number[];
}

export interface FinderLosses {
  readonly loss: number;
  readonly pixels: number;
  readonly overlap: number;
  readonly presence: number;
}

export interface FinderTrainer {
  /** One change of the weights. @param learningRate of the decoder; the backbone has a smaller one. */
  train(batch: SceneBatch, step: number, learningRate: number): FinderLosses;
  /** From the first call on, what predicts and is exported is the mean of the weights at every call. */
  average(): void;
  /** Rows as the model gives them, one a picture. @param pixels RGB squares of any one side that 32 divides. */
  predict(pixels: Uint8Array, count: number): Float32Array[];
  /** Everything that changes while training. */
  save(): Promise<Map<string, SavedTensor>>;
  /** @throws {OperatorError} when the tensors are those of another network. */
  restore(tensors: ReadonlyMap<string, SavedTensor>): void;
  exportModel(): OnnxModel;
  /** How many numbers are trained. */
  readonly trainedCount: number;
  dispose(): void;
}

const BACKBONE_RATE = 0.15;
const SMOOTHING = 0.03;
const OVERLAP_WEIGHT = 0.6;
const PRESENCE_WEIGHT = 0.5;
const WEIGHT_DECAY = 1e-3;
const CLIP_NORM = 3;

export function createFinderTrainer(options: FinderTrainerOptions): FinderTrainer {
  const { tf, model, input, frozenUntil, classWeights } = options;
  refuseUnknownValue(model, frozenUntil);
  const frozen = initialisersUpTo(model, frozenUntil);
  const network = createNetwork({
    tf,
    model,
    outputs: [FINDER_OUTPUTS.scores, FINDER_OUTPUTS.presence, FINDER_OUTPUTS.row],
    trainable: (name) => !frozen.has(name),
  });
  const tables = channelTables(input);
  const pictures = (pixels: Uint8Array, count: number): tfjs.Tensor4D => {
    const side = Math.sqrt(pixels.length / (count * 3));
    return tf.tensor4d(toInterleaved([pixels], count * side * side, tables), [count, side, side, 3]);
  };
  const weights: TrainedWeight[] = [...network.weights.values()]
    .filter(({ variable }) => variable.trainable)
    .map(({ name, variable }) => ({ name, variable, rate: name.startsWith('finder.') ? 1 : BACKBONE_RATE }));
  const optimiser = createAdamW(weights, { tf, weightDecay: WEIGHT_DECAY, clipNorm: CLIP_NORM });
  const average = createWeightAverage(tf, weights);
  const changing = new Map<string, tfjs.Variable>([
    ...weights.map(({ name, variable }) => [name, variable] as const),
    ...optimiser.state,
    ...average.state,
  ]);

  /** The weighted sum, then its parts. */
  function losses({ pixels, classes, presence }: SceneBatch): tfjs.Scalar[] {
    const count = presence.length / PRESENCES.length;
    const [scores, present] = network.run(pictures(pixels, count), { training: true });
    const rows = tf.reshape<tfjs.Rank.R2>(scores!, [-1, PIXEL_CLASSES.length]);
    const targets = {
      hot: tf.tensor2d(oneHot(classes), [classes.length, PIXEL_CLASSES.length]),
      weights: tf.tensor1d(Float32Array.from(classes, (place) => classWeights[place] ?? 0)),
    };
    const logs: tfjs.Tensor2D = tf.logSoftmax(rows);
    const kinds = (of: tfjs.Tensor2D): tfjs.Tensor2D => tf.slice(of, [0, 1], [-1, GARMENT_KINDS.length]);
    // Kinds only: the background is predicted well enough, and the auxiliary classes only help training.
    const known = tf.cast<tfjs.Tensor2D>(tf.greater(tf.expandDims(targets.weights, 1), 0), 'float32');
    const overlap = overlapLoss(tf, kinds(tf.exp(logs)), kinds(targets.hot), known);
    const shape: [number, number] = [count, PRESENCES.length];
    const isThere = tf.tensor2d(
      Float32Array.from(presence, (value) => (value === 1 ? 1 : 0)),
      shape,
    );
    const isKnown = tf.tensor2d(
      Float32Array.from(presence, (value) => (value === UNKNOWN ? 0 : 1)),
      shape,
    );
    const parts = [
      pixelLoss(tf, logs, targets, SMOOTHING),
      overlap,
      presenceLoss(tf, tf.reshape<tfjs.Rank.R2>(present!, shape), isThere, isKnown),
    ] as const;
    const total = tf.addN<tfjs.Scalar>([
      parts[0],
      tf.mul(parts[1], OVERLAP_WEIGHT),
      tf.mul(parts[2], PRESENCE_WEIGHT),
    ]);
    return [total, ...parts];
  }

  return {
    trainedCount: weights.reduce((sum, { variable }) => sum + variable.size, 0),

    train(batch, step, learningRate) {
      return tf.tidy(() => {
        let parts: tfjs.Scalar[] = [];
        const { grads } = tf.variableGrads(
          () => {
            parts = losses(batch).map((loss) => tf.keep(loss));
            return parts[0]!;
          },
          weights.map(({ variable }) => variable),
        );
        optimiser.apply(grads, step, learningRate);
        const [loss = NaN, pixels = NaN, overlap = NaN, presence = NaN] = parts.map(
          (part) => part.dataSync()[0]!,
        );
        for (const part of parts) part.dispose();
        return { loss, pixels, overlap, presence };
      });
    },

    average() {
      average.add();
    },

    predict: (pixels, count) =>
      average.during(() =>
        tf.tidy(() => {
          const rows = network.run(pictures(pixels, count))[2]!;
          const values = rows.dataSync<'float32'>();
          const length = values.length / count;
          return Array.from({ length: count }, (_, n) =>
            Float32Array.from(values.subarray(n * length, (n + 1) * length)),
          );
        }),
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
            `The checkpoint has no "${name}" of shape ${variable.shape.join('x')}: it is of another network or other settings. Name another folder with --out, or remove it.`,
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
        for (const { name } of weights) {
          initialisers.set(name, { ...initialisers.get(name)!, data: network.exportWeight(name) });
        }
        return { ...model, initialisers };
      }),

    dispose() {
      optimiser.dispose();
      average.dispose();
      network.dispose();
    },
  };
}

// --- Internal helpers ---

/** Of the nodes up to the one that gives a value, in the order of the file. */
function initialisersUpTo(model: OnnxModel, value: string): Set<string> {
  const last = model.nodes.findIndex(({ outputs }) => outputs.includes(value));
  return new Set(
    model.nodes
      .slice(0, last + 1)
      .flatMap(({ inputs }) => inputs.filter((name) => model.initialisers.has(name))),
  );
}

function oneHot(classes: Uint8Array): Float32Array {
  const width = PIXEL_CLASSES.length;
  const hot = new Float32Array(classes.length * width);
  classes.forEach((place, n) => {
    if (place < width) hot[n * width + place] = 1;
  });
  return hot;
}
