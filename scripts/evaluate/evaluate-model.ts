/** Measures one model: search by labels, search by real photos, and classifiers. */

import type { Embedder } from '../../src/embed/embedder.ts';
import type { PhotoDecoder } from '../../src/photo/decode-photo.ts';
import type { LabelHead } from '../../src/embed/label-heads.ts';
import { classIndices, type LabelledItem } from '../train/labelled-items.ts';
import { bestClasses, type ClassScores, multiply, scoreClasses } from '../train/scores.ts';
import { cachedRows } from './cached-rows.ts';
import { type Confusion, confusionOf } from './confusion.ts';
import { createPictureEmbedder } from './embed-pictures.ts';
import { type LabelPrecision, nearestRows, precisionOf, type Rows } from './neighbours.ts';
import { type PhotoClasses, photoClasses, type RealPhoto } from './photo-classes.ts';

export interface EvaluationOptions {
  readonly embedder: Embedder;
  readonly decoder: PhotoDecoder;
  /** All of them are in the index. */
  readonly items: readonly LabelledItem[];
  /** Indices into `items` of the queries. */
  readonly queries: readonly number[];
  readonly photos: readonly RealPhoto[];
  readonly heads: readonly LabelHead[];
  picture(id: string): Promise<Uint8Array>;
  /** A folder in which embeddings of items are kept for the next evaluation; default: none. */
  readonly cache?: string | undefined;
  readonly onProgress: (done: number, total: number) => void;
}

export interface Evaluation {
  readonly type: LabelPrecision;
  readonly colour: LabelPrecision;
  readonly gender: LabelPrecision;
  /** Type and colour and gender. */
  readonly all: LabelPrecision;
  readonly photos: LabelPrecision;
  /** Precision at 5 by class of photo. */
  readonly photosByClass: Readonly<Record<string, number>>;
  readonly classifiers: Readonly<Record<string, ClassScores>>;
  /** Classes of the photos as predicted from their types; undefined without a classifier of types. */
  readonly photoClasses: PhotoClasses | undefined;
  /** Queries and photos are embedded like photos of users, the index like items. */
  readonly embeddings: { readonly index: Rows; readonly queries: Rows; readonly photos: Rows };
  /** Confusion of article types on the queries. */
  readonly confusion: Confusion | undefined;
}

const K = 5;

export async function evaluateModel(options: EvaluationOptions): Promise<Evaluation> {
  const { embedder, decoder, items, queries, photos, heads } = options;
  const { dimension } = embedder.fingerprint;
  let done = 0;
  const total = items.length + queries.length + photos.length;
  const embedPictures = createPictureEmbedder({
    embedder,
    decoder,
    onPicture: () => {
      options.onProgress(++done, total);
    },
  });
  const pictures = items.map(
    ({ id }) =>
      () =>
        options.picture(id),
  );
  const ids = items.map(({ id }) => id);
  const index = await cachedRows({ folder: options.cache, fingerprint: embedder.fingerprint, ids }, () =>
    embedPictures.asItems(pictures),
  );
  const queryRows = await embedPictures.asPhotos(queries.map((index) => pictures[index]!));
  const photoRows = await embedPictures.asPhotos(photos.map(({ read }) => read));
  const near = nearestRows(index, queryRows, K, (query) => queries[query]!);
  const same = (labels: readonly (keyof LabelledItem['labels'])[]): LabelPrecision =>
    precisionOf(near, K, (query) => {
      const wanted = items[queries[query]!]!.labels;
      if (labels.some((label) => wanted[label] === undefined)) return undefined;
      return (row) => labels.every((label) => items[row]!.labels[label] === wanted[label]);
    });
  const nearPhotos = nearestRows(index, photoRows, K, () => -1);
  const photosWhere = (isCounted: (photo: RealPhoto) => boolean): LabelPrecision =>
    precisionOf(nearPhotos, K, (query) => {
      const photo = photos[query]!;
      return isCounted(photo) ? (row) => photo.types.includes(items[row]!.labels.type ?? '') : undefined;
    });

  const queriedItems = queries.map((index) => items[index]!);
  const scored = heads.map((head) => {
    const { label, classes, weights } = head;
    const predicted = bestClasses(
      multiply(queryRows.vectors, weights, dimension, classes.length),
      classes.length,
    );
    const targets = classIndices(queriedItems, label, classes);
    return { label, classes, weights, predicted, targets };
  });
  const types = scored.find(({ label }) => label === 'type');
  const classNames = [...new Set(photos.map(({ className }) => className))];

  return {
    embeddings: { index, queries: queryRows, photos: photoRows },
    type: same(['type']),
    colour: same(['colour']),
    gender: same(['gender']),
    all: same(['type', 'colour', 'gender']),
    photos: photosWhere(() => true),
    photosByClass: Object.fromEntries(
      classNames.map((name) => [name, photosWhere(({ className }) => className === name).precision]),
    ),
    classifiers: Object.fromEntries(
      scored.map(({ label, classes, predicted, targets }) => [
        label,
        scoreClasses(predicted, targets, classes.length),
      ]),
    ),
    photoClasses: types && photoClasses(photos, typesOf(types, photoRows)),
    confusion: types && confusionOf(types.classes, types.predicted, types.targets),
  };
}

// --- Internal helpers ---

/** The name of the most likely class of each row. */
function typesOf({ classes, weights }: Pick<LabelHead, 'classes' | 'weights'>, rows: Rows): string[] {
  const scores = multiply(rows.vectors, weights, rows.dimension, classes.length);
  return Array.from(bestClasses(scores, classes.length), (index) => classes[index]!);
}
