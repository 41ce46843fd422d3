/** The cosine classifiers on an embedding, one a label: unit directions, and one scale that all labels share. */

import type * as tfjs from '@tensorflow/tfjs-core';
import type { OnnxModel } from '../../src/embed/onnx-file.ts';
import type { Tf } from '../../src/embed/tensorflow-context.ts';
import type { TrainedWeight } from './adam-w.ts';
import { type Classes, HEAD_NAMES, type HeadName, type LabelTriple } from './labelled-items.ts';
import { cosineScores } from './losses.ts';
import { createRandom } from './random.ts';

export interface ClassifiersOptions {
  readonly tf: Tf;
  /** Whose classifiers are gone on with: those of labels whose classes are the same. */
  readonly model: OnnxModel;
  /** What the model's classifiers tell apart. */
  readonly learned: Partial<Classes>;
  readonly classes: Classes;
  /** Looks to be told apart (`labelTriplesOf`), by a classifier that is not exported. */
  readonly labelTriples: readonly LabelTriple[];
  /** How many words of titles are told apart (`wordsOfTitles`), by a classifier that is not exported. */
  readonly wordCount: number;
  /** Of the embedding. */
  readonly dimension: number;
  readonly seed: number;
}

/** What a classifier tells. */
export type Task = HeadName | 'look' | 'words';

export interface Classifiers {
  readonly weights: readonly TrainedWeight[];
  /** Of unit vectors `[n, dimension]`: `[n, classes]`, or undefined for a label without classes. */
  scores(of: Task, vectors: tfjs.Tensor2D): tfjs.Tensor2D | undefined;
  /** What a vector is multiplied with to get scores, `[dimension, classes]`; empty for a label without classes. */
  matrix(head: HeadName): Float32Array;
  /** The model with its classifiers as outputs `label.NAME`, in place of those that it had. */
  addTo(model: OnnxModel, embedding: string): OnnxModel;
  dispose(): void;
}

const START_SCALE = 16;

export function createClassifiers(options: ClassifiersOptions): Classifiers {
  const { tf, model, learned, classes, labelTriples, wordCount, dimension, seed } = options;
  const newDirections = (count: number, place: number): Float32Array => {
    const random = createRandom(seed, 0xc1a55, place);
    return Float32Array.from({ length: dimension * count }, () => random.normal(1 / Math.sqrt(dimension)));
  };
  const variable = (values: Float32Array, count: number): tfjs.Variable =>
    tf.tidy(() => tf.variable(tf.tensor2d(values, [dimension, count])));

  const heads = HEAD_NAMES.filter((head) => classes[head].length > 0);
  let startScale = START_SCALE;
  /** Directions of classifiers that are gone on with. */
  const goneOn = new Map<HeadName, Float32Array>();
  const directions = new Map<Task, tfjs.Variable>();
  heads.forEach((head, place) => {
    const count = classes[head].length;
    const known = model.initialisers.get(`label.${head}.weight`);
    const isSame = learned[head]?.join('\n') === classes[head].join('\n');
    if (known?.data instanceof Float32Array && isSame && known.dims.join() === [dimension, count].join()) {
      startScale = lengthOfColumn(known.data, count, 0);
      goneOn.set(head, unitColumns(known.data, count));
      directions.set(head, variable(goneOn.get(head)!, count));
    } else {
      directions.set(head, variable(newDirections(count, place), count));
    }
  });
  if (labelTriples.length > 0) {
    const begun = tripleDirections(labelTriples) ?? newDirections(labelTriples.length, HEAD_NAMES.length);
    directions.set('look', variable(begun, labelTriples.length));
  }
  if (wordCount > 0)
    directions.set('words', variable(newDirections(wordCount, HEAD_NAMES.length + 1), wordCount));
  /** Their logarithms are learned, so that a step changes them by a share. Several words are right, which wants a scale of its own. */
  const logScale = tf.tidy(() => tf.variable(tf.scalar(Math.log(startScale))));
  const wordsLogScale = tf.tidy(() => tf.variable(tf.scalar(Math.log(START_SCALE))));

  /** Where type, colour and gender are told already, a look begins between its three; undefined where they are not. */
  function tripleDirections(names: readonly LabelTriple[]): Float32Array | undefined {
    const parts = (['type', 'colour', 'gender'] as const).filter((head) => goneOn.has(head));
    if (parts.length < 3) return undefined;
    const result = new Float32Array(dimension * names.length);
    for (const head of parts) {
      const count = classes[head].length;
      const values = goneOn.get(head)!;
      names.forEach((look, place) => {
        const column = classes[head].indexOf(look[head]);
        if (column < 0) return;
        for (let row = 0; row < dimension; row++)
          result[row * names.length + place]! += values[row * count + column]!;
      });
    }
    return result;
  }

  const scores: Classifiers['scores'] = (of, vectors) => {
    const own = directions.get(of) as tfjs.Tensor | undefined;
    const scale = tf.exp<tfjs.Scalar>(of === 'words' ? wordsLogScale : logScale);
    return own && cosineScores(tf, vectors, own as tfjs.Tensor2D, scale);
  };
  const matrix: Classifiers['matrix'] = (head) =>
    tf.tidy(
      () => (scores(head, tf.eye(dimension))?.dataSync() as Float32Array | undefined) ?? new Float32Array(),
    );

  return {
    weights: [
      ...[...directions].map(([of, variable]) => ({
        name: of === 'look' || of === 'words' ? of : `label.${of}`,
        variable,
        rate: 1,
      })),
      { name: 'label.scale', variable: logScale, rate: 1 },
      ...(wordCount > 0 ? [{ name: 'words.scale', variable: wordsLogScale, rate: 1 }] : []),
    ],
    scores,
    matrix,

    addTo(model, embedding) {
      const names = heads.map((head) => `label.${head}`);
      const initialisers = new Map(model.initialisers);
      for (const head of heads) {
        initialisers.set(`label.${head}.weight`, {
          dims: [dimension, classes[head].length],
          stored: 'float',
          data: matrix(head),
        });
      }
      return {
        ...model,
        initialisers,
        nodes: [
          ...model.nodes.filter(({ outputs }) => !outputs.some((output) => names.includes(output))),
          ...names.map((name) => ({
            name,
            operator: 'MatMul',
            domain: '',
            inputs: [embedding, `${name}.weight`],
            outputs: [name],
            attributes: new Map(),
          })),
        ],
        outputs: [
          ...model.outputs.filter(({ name }) => !names.includes(name)),
          ...heads.map((head) => ({ name: `label.${head}`, dims: ['n', classes[head].length] })),
        ],
      };
    },

    dispose() {
      for (const variable of [...directions.values(), logScale, wordsLogScale]) variable.dispose();
    },
  };
}

// --- Internal helpers ---

/** Of a matrix `[dimension, count]`, row by row. */
function lengthOfColumn(values: Float32Array, count: number, column: number): number {
  let sum = 0;
  for (let at = column; at < values.length; at += count) sum += values[at]! ** 2;
  return Math.sqrt(sum);
}

function unitColumns(values: Float32Array, count: number): Float32Array {
  const lengths = Array.from({ length: count }, (_, column) => lengthOfColumn(values, count, column));
  return values.map((value, at) => value / lengths[at % count]!);
}
