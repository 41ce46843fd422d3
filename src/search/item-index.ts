/** The interface of an index that finds nearest neighbours. */

import type { ModelFingerprint } from '../embed/model.ts';
import type { LabelName, Labels } from '../catalogue/item.ts';
import type { Filter } from './filter.ts';

/** One item in an index. */
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
 * An index of item embeddings by cosine similarity. It is immutable: a reindex builds a new one beside it.
 * Implementations: `hnsw-index` (default) and `exact-index` (the reference that recall is measured against). Both pass
 * `test/contracts/item-index.ts`.
 */
export interface ItemIndex {
  readonly fingerprint: ModelFingerprint;
  /** Number of searchable items. */
  readonly size: number;
  readonly createdAt: Date;
  /**
   * The `k` nearest items, most similar first, or fewer when fewer match. If few items match the filter, the answer is exact.
   * @param vector finite numbers, `[fingerprint.dimension]`. It needs no unit length, but must not be the zero vector.
   * @param k 1 to 1,000.
   * @throws {RangeError} for a vector of another dimension, with NaN or infinity, or of length zero, and for an invalid `k`.
   * @throws {ClosedError} after `close()`.
   */
  nearest(vector: Float32Array, k: number, filter?: Filter): Promise<Neighbour[]>;
  /** The stored unit vector of an item, or undefined for an unknown one. */
  vector(id: string): Promise<Float32Array | undefined>;
  /**
   * The duplicates of an item that match the filter, without the item itself. They were found when the index was built; identical
   * vectors always count. Being duplicates is symmetric and transitive. Empty for an item without duplicates and an unknown id.
   */
  duplicatesOf(id: string, filter?: Filter): readonly string[];
  /** How many items carry each value of each label, most frequent first. */
  labelCounts(): ReadonlyMap<LabelName, ReadonlyMap<string, number>>;
  /** All searchable items, in no particular order. */
  entries(): IterableIterator<IndexEntry>;
  /** Frees memory. Idempotent. */
  close(): Promise<void>;
}
