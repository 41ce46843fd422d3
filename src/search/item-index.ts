/** The seam behind which nearest neighbours are found. */

import type { ModelFingerprint } from '../embed/model.ts';
import type { LabelName, Labels } from '../catalogue/item.ts';
import type { Filter } from './filter.ts';

/** One item as an index knows it. */
export interface IndexEntry {
  readonly id: string;
  /** SHA-256 of the picture, hex. */
  readonly picture: string;
  readonly labels: Labels;
}

export interface Neighbour {
  readonly id: string;
  /** Cosine, -1 to 1. */
  readonly similarity: number;
}

/**
 * An index of item embeddings, cosine. Immutable once open: a reindex makes a new one beside it.
 * Implementations: `hnsw-index` (default), `exact-index` (the truth that recall is measured against);
 * all pass `test/contracts/item-index.ts`.
 */
export interface ItemIndex {
  readonly fingerprint: ModelFingerprint;
  /** Items that can be found. */
  readonly size: number;
  readonly createdAt: Date;
  /**
   * The `k` nearest items, most similar first; fewer when fewer match. With a filter that few items match the answer is exact.
   * @param vector finite numbers, `[fingerprint.dimension]`, any length but zero.
   * @param k 1 to 1,000.
   * @throws {RangeError} for a vector of another dimension, with a NaN or infinity, or of length zero, and for a bad `k`.
   * @throws {ClosedError} after `close()`.
   */
  nearest(vector: Float32Array, k: number, filter?: Filter): Promise<Neighbour[]>;
  /** The stored unit vector of an item, or undefined for an unknown one. */
  vector(id: string): Promise<Float32Array | undefined>;
  /**
   * The other items that look the same as this one: found when the index was built, equal vectors always. Everyone in such a
   * group has the same others; none where nobody looks the same, for an unknown id, and with a filter for those it leaves out.
   */
  duplicatesOf(id: string, filter?: Filter): readonly string[];
  /** How many items carry each value of each label, most frequent first. */
  labelCounts(): ReadonlyMap<LabelName, ReadonlyMap<string, number>>;
  /** All items that can be found, in no particular order. */
  entries(): IterableIterator<IndexEntry>;
  /** Frees memory. Idempotent. */
  close(): Promise<void>;
}
