/** Derives a model's similarity thresholds and classifier temperatures from an evaluation, and writes them to its manifest. */

import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { LabelHead } from '../../src/embed/label-heads.ts';
import { manifestSchema, type Model } from '../../src/embed/model.ts';
import { OperatorError } from '../../src/util/errors.ts';
import { similarityWords } from '../model/similarity-words.ts';
import { classIndices, type LabelledItem } from '../train/labelled-items.ts';
import { decodePicture } from '../train/picture.ts';
import { createRandom } from '../train/random.ts';
import { multiply } from '../train/scores.ts';
import { cosineAt, cosineWhere, fitCurve, fitTemperature, type TemperatureFit } from './calibration.ts';
import type { Evaluation } from './evaluate-model.ts';
import { nearestRows, type Rows, rowsAt, similarityOf } from './neighbours.ts';
import type { RealPhoto } from './photo-classes.ts';

export interface CalibrateOptions {
  readonly model: Model;
  readonly heads: readonly LabelHead[];
  readonly evaluation: Pick<Evaluation, 'embeddings'>;
  readonly items: readonly LabelledItem[];
  /** Indices into `items` of the items that training did not see. */
  readonly queries: readonly number[];
  readonly photos: readonly RealPhoto[];
  readonly picture: (id: string) => Promise<Uint8Array>;
}

export interface Calibration {
  readonly temperatures: Readonly<Record<string, TemperatureFit>>;
  readonly similarity: Model['manifest']['similarity'];
}

/** One item in four is paired with its nearest neighbour. */
const STRIDE = 4;
/** Two pictures hardly differ up to this mean absolute difference of their channels, 0 to 255, at 30x40. */
const HARDLY_DIFFERENT = 6;
const LEAST_PAIRS = 20;
/** Only pairs with at least this cosine are compared. */
const CLOSE = 0.9;
/** Share of unrelated pairs that fall into the lowest similarity band. */
const UNRELATED = 0.99;

/**
 * @throws {RangeError} when there are no real photos or no known labels to calibrate with.
 * @throws {OperatorError} when the result is not valid in a manifest, which then stays unchanged.
 */
export async function calibrateModel(options: CalibrateOptions): Promise<Calibration> {
  const { model, heads, items, queries, photos, evaluation } = options;
  const { index, queries: queryRows, photos: photoRows } = evaluation.embeddings;
  // One temperature serves the predictions for photos and for items.
  const bothWays = new Float32Array(2 * queryRows.vectors.length);
  bothWays.set(queryRows.vectors);
  bothWays.set(rowsAt(index, queries), queryRows.vectors.length);
  const queriedItems = queries.map((index) => items[index]!);
  const temperatures = Object.fromEntries(
    heads.map(({ label, classes, weights }) => {
      const targets = classIndices([...queriedItems, ...queriedItems], label, classes);
      const scores = multiply(bothWays, weights, index.dimension, classes.length);
      return [label, fitTemperature(scores, targets, classes.length)] as const;
    }),
  );

  const best = nearestRows(index, photoRows, 1, () => -1);
  const cosines = photos.map((_, n) => similarityOf(index, best[n]!, photoRows, n));
  const right = photos.map(({ types }, n) => types.includes(items[best[n]!]!.labels.type ?? ''));
  const curve = fitCurve(cosines, right);
  const weakBelow = rounded(cosineAt(curve, 0.5), 2);
  const pairs = await closePairs(options, index);
  const duplicateFrom = cosineWhere(pairs, 0.99, LEAST_PAIRS);
  const nearlyFrom = Math.min(duplicateFrom, cosineWhere(pairs, 0.9, LEAST_PAIRS));
  const veryFrom = Math.min(nearlyFrom, Math.max(weakBelow, rounded(cosineAt(curve, 0.8), 2)));
  const unrelated = unrelatedCosines(items, queries, index).sort((a, b) => a - b);
  const looselyFrom = Math.min(
    weakBelow,
    rounded(unrelated[Math.floor(UNRELATED * unrelated.length)] ?? -1, 2),
  );
  const shareRight = (isCounted: (cosine: number) => boolean): string => {
    const chosen = right.filter((_, n) => isCounted(cosines[n]!));
    return `${chosen.filter(Boolean).length} of ${chosen.length}`;
  };
  const similarity = {
    weakBelow,
    duplicateFrom,
    words: similarityWords({
      nearlyIdentical: nearlyFrom,
      verySimilar: veryFrom,
      similar: weakBelow,
      looselySimilar: looselyFrom,
    }),
    derivedFrom:
      `By npm run evaluate -- --calibrate. Weak: the cosine at which the best match of a real photo is as likely wrong as right, ` +
      `by logistic regression over ${photos.length} photos against ${items.length} labelled catalogue items; ` +
      `below it ${shareRight((cosine) => cosine < weakBelow)} best matches are right, from it on ${shareRight((cosine) => cosine >= weakBelow)}. ` +
      `Very similar: four in five right by the same curve (${cosineAt(curve, 0.8).toFixed(3)}). ` +
      `Nearly identical and duplicate: of ${pairs.length} catalogue items and their nearest from ${CLOSE} on, the cosine from which on ` +
      `90 % and 99 % hardly differ in their pixels (by ${HARDLY_DIFFERENT} of 255 on average at 30x40). ` +
      `Hardly similar: below what ${UNRELATED * 100} % of ${unrelated.length} pairs of an item and a random one of another type stay under.`,
  };
  await writeManifest(model, temperatures, similarity);
  return { temperatures, similarity };
}

// --- Internal helpers ---

/** The cosine between each query and a random item of another type. */
function unrelatedCosines(items: readonly LabelledItem[], queries: readonly number[], index: Rows): number[] {
  const random = createRandom(0);
  return queries.flatMap((row) => {
    const other = random.below(items.length);
    const isUnrelated = items[other]!.labels.type !== items[row]!.labels.type;
    return isUnrelated ? [similarityOf(index, row, index, other)] : [];
  });
}

/** Items with a close nearest neighbour, and whether their pictures hardly differ. */
async function closePairs(
  { items, picture }: CalibrateOptions,
  index: Rows,
): Promise<{ cosine: number; agrees: boolean }[]> {
  const rows = items.flatMap((_, row) => (row % STRIDE === 0 ? [row] : []));
  const near = nearestRows(
    index,
    { vectors: rowsAt(index, rows), dimension: index.dimension },
    1,
    (query) => rows[query]!,
  );
  const pairs: { cosine: number; agrees: boolean }[] = [];
  const pixels = async (row: number): Promise<Uint8Array> =>
    (await decodePicture(await picture(items[row]!.id), { width: 30, height: 40 })).data;
  for (const [n, row] of rows.entries()) {
    const other = near[n]!;
    const cosine = similarityOf(index, row, index, other);
    if (cosine < CLOSE) continue;
    const [a, b] = await Promise.all([pixels(row), pixels(other)]);
    const difference = a.reduce((sum, value, at) => sum + Math.abs(value - b[at]!), 0) / a.length;
    pairs.push({ cosine, agrees: difference <= HARDLY_DIFFERENT });
  }
  return pairs;
}

async function writeManifest(
  { weightsPath }: Model,
  temperatures: Calibration['temperatures'],
  similarity: Calibration['similarity'],
): Promise<void> {
  const path = join(dirname(weightsPath), 'manifest.json');
  const manifest = JSON.parse(await readFile(path, 'utf8')) as {
    labels?: Record<string, { temperature: number }>;
  };
  for (const [label, { temperature }] of Object.entries(temperatures)) {
    const head = manifest.labels?.[label];
    if (head) head.temperature = rounded(temperature, 4);
  }
  const calibrated = { ...manifest, similarity };
  const { error } = manifestSchema.safeParse(calibrated);
  if (error) {
    throw new OperatorError(
      `The result of the calibration is not valid, so ${path} was not changed:\n${z.prettifyError(error)}\n` +
        'Cosines must be between -1 and 1. There may be too few photos, or too few whose best match is right.',
    );
  }
  await writeFile(path, `${JSON.stringify(calibrated, null, 2)}\n`);
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
