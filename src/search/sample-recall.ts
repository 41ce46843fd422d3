/** Measures the recall of the serving index in the background, on a sample of its own items. */

import { setImmediate } from 'node:timers/promises';
import type { ItemIndex, Neighbour } from './item-index.ts';
import { recallAtK } from './recall.ts';
import { dot } from './vectors.ts';

export interface SampledRecall {
  /** Recall@k, 0 to 1. */
  readonly value: number;
  readonly k: number;
  /** Number of items that were searched for. */
  readonly queries: number;
}

const K = 10;
const QUERIES = 50;
/** Rows compared with every query before other work gets a turn; 200 rows of 256 numbers take 2 to 4 ms. */
const SLICE = 200;

/**
 * Finds the true neighbours of 50 evenly spread items by comparing them with every item, and then searches the index for them.
 * Takes about a second of processor time for 44,441 items, in slices of a few milliseconds.
 * @returns undefined for an empty index.
 * @throws {ClosedError} when the index is closed in the meantime.
 */
export async function sampleRecall(index: ItemIndex): Promise<SampledRecall | undefined> {
  const ids = [...index.entries()].map(({ id }) => id);
  const step = Math.max(1, Math.floor(ids.length / QUERIES));
  const queries: Float32Array[] = [];
  for (let at = 0; at < ids.length && queries.length < QUERIES; at += step) {
    const vector = await index.vector(ids[at] ?? '');
    if (vector) queries.push(vector);
  }
  if (queries.length === 0) return undefined;

  const best = queries.map(() => [] as Neighbour[]);
  let compared = 0;
  for (const id of ids) {
    const vector = await index.vector(id);
    if (!vector) continue;
    queries.forEach((query, place) => {
      offer(best[place] ?? [], { id, similarity: dot(vector, 0, query) });
    });
    if (++compared % SLICE === 0) await setImmediate();
  }
  const truth = new Map(queries.map((query, place) => [query, best[place] ?? []]));
  const exact = { nearest: (query: Float32Array) => Promise.resolve(truth.get(query) ?? []) };
  return { value: await recallAtK(index, exact, queries, K), k: K, queries: queries.length };
}

// --- Internal helpers ---

/** Keeps the ten most similar, in falling order. */
function offer(best: Neighbour[], candidate: Neighbour): void {
  if (best.length === K && candidate.similarity <= (best[K - 1]?.similarity ?? 1)) return;
  let at = best.length;
  while (at > 0 && (best[at - 1]?.similarity ?? 1) < candidate.similarity) at--;
  best.splice(at, 0, candidate);
  if (best.length > K) best.pop();
}
