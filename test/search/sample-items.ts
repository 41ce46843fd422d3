/** Items with clustered random embeddings, the same at every run. */

import { createHash } from 'node:crypto';
import type { ModelFingerprint } from '../../src/embed/model.ts';
import type { IndexEntry } from '../../src/search/item-index.ts';

export interface Sample {
  readonly entries: IndexEntry[];
  /** Unit rows in shared memory, `[entries.length * dimension]`. */
  readonly vectors: Float32Array;
  /** Vectors near some items, not of length one. */
  readonly queries: Float32Array[];
}

export function sampleFingerprint(dimension: number): ModelFingerprint {
  return {
    model: 'sample',
    version: '1.0.0',
    head: 'none',
    dimension,
    weights: 'a'.repeat(64),
    preprocessing: 'none',
  };
}

/** The digest of a picture that is named by a text. */
export function picture(name: string): string {
  return createHash('sha256').update(name).digest('hex');
}

/** `count` items: `type` takes 10 values, `colour` 97, `gender` 2, `season` is set on three items alone. */
export function createSample(count: number, dimension: number, seed = 1): Sample {
  const random = createRandom(seed);
  const clusters = Array.from({ length: 1 + Math.ceil(count / 50) }, () => gaussian(random, dimension));
  const near = (): number[] => {
    const centre = clusters[Math.floor(random() * clusters.length)] ?? [];
    return gaussian(random, dimension).map((value, index) => (centre[index] ?? 0) + 0.6 * value);
  };
  const vectors = new Float32Array(new SharedArrayBuffer(count * dimension * 4));
  const entries: IndexEntry[] = [];
  for (let row = 0; row < count; row++) {
    const point = near();
    const length = Math.hypot(...point);
    vectors.set(
      point.map((value) => value / length),
      row * dimension,
    );
    entries.push({
      id: `item-${seed}-${row}`,
      picture: picture(`${seed}-${row}`),
      labels: {
        type: `Type ${row % 10}`,
        colour: `Colour ${row % 97}`,
        gender: row % 3 ? 'Women' : 'Men',
        ...(row < 3 && { season: 'Winter' }),
      },
    });
  }
  return { entries, vectors, queries: Array.from({ length: 60 }, () => Float32Array.from(near())) };
}

export function rowOf(sample: Sample, row: number): Float32Array {
  const dimension = sample.vectors.length / sample.entries.length;
  return sample.vectors.subarray(row * dimension, (row + 1) * dimension);
}

/** The items of several samples, or of some of their rows, as one. */
export function joinRows(
  parts: readonly { readonly sample: Sample; readonly rows: readonly number[] }[],
): Pick<Sample, 'entries' | 'vectors'> {
  const picked = parts.flatMap(({ sample, rows }) =>
    rows.map((row) => ({ entry: sample.entries[row], vector: rowOf(sample, row) })),
  );
  const dimension = picked[0]?.vector.length ?? 0;
  const vectors = new Float32Array(new SharedArrayBuffer(picked.length * dimension * 4));
  const entries: IndexEntry[] = [];
  for (const [index, { entry, vector }] of picked.entries()) {
    if (!entry) throw new RangeError('A row lies outside of its sample.');
    vectors.set(vector, index * dimension);
    entries.push(entry);
  }
  return { entries, vectors };
}

/** Whole numbers from `from` up to but not including `to`. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

/** Numbers from 0 up to but not including 1 (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

// --- Internal helpers ---

function gaussian(random: () => number, dimension: number): number[] {
  return Array.from(
    { length: dimension },
    () => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random()),
  );
}
