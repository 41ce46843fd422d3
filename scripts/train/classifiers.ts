/** Cosine classifiers on an embedding, one for each label: unit directions, and one scale that all labels share. */

import type * as tfjs from '@tensorflow/tfjs-core';
import type { OnnxModel } from '../../src/embed/onnx-file.ts';
import type { Tf } from '../../src/embed/tensorflow-context.ts';
import type { TrainedWeight } from './adam-w.ts';
import { type Classes, HEAD_NAMES, type HeadName, type LabelTriple } from './labelled-items.ts';
import { cosineScores } from './losses.ts';
import { createRandom } from './random.ts';

export interface ClassifiersOptions {
  readonly tf: Tf;
  /** Training continues with the classifiers of this model where their classes are the same. */
  readonly model: OnnxModel;
  /** Classes of the model's classifiers. */
  readonly learned: Partial<Classes>;
  readonly classes: Classes;
  /** Classes of the classifier of label triples (`labelTriplesOf`), which is not exported. */
  readonly labelTriples: readonly LabelTriple[];
  /** How many words of titles are predicted (`wordsOfTitles`), by a classifier that is not exported. */
  readonly wordCount: number;
  /** Dimension of the embedding. */
  readonly dimension: number;
  readonly seed: number;
}

/** What a classifier predicts. */
export type Task = HeadName | 'labelTriple' | 'words';

export interface Classifiers {
  readonly weights: readonly TrainedWeight[];
  /** Unit vectors `[n, dimension]` to scores `[n, classes]`; undefined for a label without classes. */
  scores(task: Task, vectors: tfjs.Tensor2D): tfjs.Tensor2D | undefined;
  /** A vector times this matrix `[dimension, classes]` gives its scores; empty for a label without classes. */
  matrix(head: HeadName): Float32Array;
  /** The model with these classifiers as outputs `label.NAME`, instead of those that it had. */
  addTo(model: OnnxModel, embedding: string): OnnxModel;
  dispose(): void;
}

const START_SCALE = 16;

export function createClassifiers(options: ClassifiersOptions): Classifiers {
  const { tf, model, learned, classes, labelTriples, wordCount, dimension, seed } = options;
  const newDirections = (count: number, index: number): Float32Array => {
    const random = createRandom(seed, 0xc1a55, index);
    return Float32Array.from({ length: dimension * count }, () => random.normal(1 / Math.sqrt(dimension)));
  };
  const variable = (values: Float32Array, count: number): tfjs.Variable =>
    tf.tidy(() => tf.variable(tf.tensor2d(values, [dimension, count])));

  const heads = HEAD_NAMES.filter((head) => classes[head].length > 0);
  let startScale = START_SCALE;
  /** Directions of the classifiers that training continues with. */
  const known = new Map<HeadName, Float32Array>();
  const directions = new Map<Task, tfjs.Variable>();
  heads.forEach((head, index) => {
    const count = classes[head].length;
    const matrix = model.initialisers.get(`label.${head}.weight`);
    const isSame = learned[head]?.join('\n') === classes[head].join('\n');
    if (matrix?.data instanceof Float32Array && isSame && matrix.dims.join() === `${dimension},${count}`) {
      startScale = lengthOfColumn(matrix.data, count, 0);
      known.set(head, unitColumns(matrix.data, count));
    }
    directions.set(head, variable(known.get(head) ?? newDirections(count, index), count));
  });
  if (labelTriples.length > 0) {
    const start =
      directionsOfTriples(labelTriples, classes, known, dimension) ??
      newDirections(labelTriples.length, HEAD_NAMES.length);
    directions.set('labelTriple', variable(start, labelTriples.length));
  }
  if (wordCount > 0)
    directions.set('words', variable(newDirections(wordCount, HEAD_NAMES.length + 1), wordCount));
  /** Logarithms are learned, so that a step changes a scale by a share of it. Titles have several right words, which needs a scale of its own. */
  const logScale = tf.tidy(() => tf.variable(tf.scalar(Math.log(startScale))));
  const wordsLogScale = tf.tidy(() => tf.variable(tf.scalar(Math.log(START_SCALE))));

  const scores: Classifiers['scores'] = (task, vectors) => {
    const own = directions.get(task) as tfjs.Tensor | undefined;
    const scale = tf.exp<tfjs.Scalar>(task === 'words' ? wordsLogScale : logScale);
    return own && cosineScores(tf, vectors, own as tfjs.Tensor2D, scale);
  };
  const matrix: Classifiers['matrix'] = (head) =>
    tf.tidy(
      () => (scores(head, tf.eye(dimension))?.dataSync() as Float32Array | undefined) ?? new Float32Array(),
    );

  return {
    weights: [
      ...[...directions].map(([task, variable]) => ({ name: weightName(task), variable, rate: 1 })),
      { name: 'label.scale', variable: logScale, rate: 1 },
      ...(wordCount > 0 ? [{ name: 'words.scale', variable: wordsLogScale, rate: 1 }] : []),
    ],
    scores,
    matrix,
    addTo: (model, embedding) =>
      withClassifiers(
        model,
        embedding,
        heads.map((head) => ({
          name: `label.${head}`,
          dims: [dimension, classes[head].length],
          data: matrix(head),
        })),
      ),
    dispose() {
      for (const variable of [...directions.values(), logScale, wordsLogScale]) variable.dispose();
    },
  };
}

// --- Internal helpers ---

/** The name of a classifier's weight in checkpoints. */
function weightName(task: Task): string {
  if (task === 'labelTriple') return 'look'; // the name that existing checkpoints have
  return task === 'words' ? task : `label.${task}`;
}

/**
 * Where type, colour and gender have classifiers already, the direction of a label triple starts between its three;
 * undefined where one of them has none.
 */
function directionsOfTriples(
  triples: readonly LabelTriple[],
  classes: Classes,
  known: ReadonlyMap<HeadName, Float32Array>,
  dimension: number,
): Float32Array | undefined {
  const heads = (['type', 'colour', 'gender'] as const).filter((head) => known.has(head));
  if (heads.length < 3) return undefined;
  const result = new Float32Array(dimension * triples.length);
  for (const head of heads) {
    const count = classes[head].length;
    const values = known.get(head)!;
    triples.forEach((triple, index) => {
      const column = classes[head].indexOf(triple[head]);
      if (column < 0) return;
      for (let row = 0; row < dimension; row++)
        result[row * triples.length + index]! += values[row * count + column]!;
    });
  }
  return result;
}

interface ExportedClassifier {
  /** Name of the output. */
  readonly name: string;
  /** Dimension and classes. */
  readonly dims: readonly [number, number];
  readonly data: Float32Array;
}

/** The model with these classifiers as its only outputs besides those with other names. */
function withClassifiers(
  model: OnnxModel,
  embedding: string,
  classifiers: readonly ExportedClassifier[],
): OnnxModel {
  const names = new Set(classifiers.map(({ name }) => name));
  return {
    ...model,
    initialisers: new Map([
      ...model.initialisers,
      ...classifiers.map(
        ({ name, dims, data }) => [`${name}.weight`, { dims, stored: 'float', data }] as const,
      ),
    ]),
    nodes: [
      ...model.nodes.filter(({ outputs }) => !outputs.some((output) => names.has(output))),
      ...classifiers.map(({ name }) => ({
        name,
        operator: 'MatMul',
        domain: '',
        inputs: [embedding, `${name}.weight`],
        outputs: [name],
        attributes: new Map(),
      })),
    ],
    outputs: [
      ...model.outputs.filter(({ name }) => !names.has(name)),
      ...classifiers.map(({ name, dims: [, count] }) => ({ name, dims: ['n', count] })),
    ],
  };
}

/** The length of a column of a row-major matrix `[dimension, count]`. */
function lengthOfColumn(values: Float32Array, count: number, column: number): number {
  let sum = 0;
  for (let at = column; at < values.length; at += count) sum += values[at]! ** 2;
  return Math.sqrt(sum);
}

function unitColumns(values: Float32Array, count: number): Float32Array {
  const lengths = Array.from({ length: count }, (_, column) => lengthOfColumn(values, count, column));
  return values.map((value, at) => value / lengths[at % count]!);
}
