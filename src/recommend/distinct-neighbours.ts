/** Nearest items with each product once: what looks the same to the model is one entry with a count. */

import type { Filter } from '../search/filter.ts';
import type { ItemIndex, Neighbour } from '../search/item-index.ts';
import { dot } from '../search/vectors.ts';

export interface DistinctNeighbour extends Neighbour {
  /** Further items that pass the filter and are the same product, near the query or not. */
  readonly twins: readonly string[];
}

export interface DistinctQuery {
  readonly index: ItemIndex;
  readonly vector: Float32Array;
  /** Distinct products wanted, at least 1. */
  readonly wanted: number;
  /** Between two items, of unit vectors the inner product: the cosine from which on they are the same product. */
  readonly duplicateFrom: number;
  readonly filter?: Filter | undefined;
  /** An item that must not appear, nor anything that is the same product. */
  readonly without?: string | undefined;
}

/** The most that one search asks of the index. */
const MAX_NEIGHBOURS = 1000;

/** At most `wanted` products, most similar first; fewer only when the index holds no more. */
export async function distinctNeighbours(query: DistinctQuery): Promise<DistinctNeighbour[]> {
  const { index, vector, wanted, filter } = query;
  for (let k = 8 + 4 * wanted; ; k *= 2) {
    const asked = Math.min(k, MAX_NEIGHBOURS);
    const neighbours = await index.nearest(vector, asked, filter);
    const distinct = await group(neighbours, query);
    if (distinct.length >= wanted || neighbours.length < asked || asked === MAX_NEIGHBOURS) return distinct;
  }
}

// --- Internal helpers ---

interface Product {
  readonly neighbour: Neighbour;
  readonly vector: Float32Array;
  /** All that look the same, itself included. */
  readonly ids: Set<string>;
}

/**
 * Each neighbour joins the product that the index knows it to be, or the first before it that it looks the same as, else it
 * starts one of its own.
 */
async function group(neighbours: readonly Neighbour[], query: DistinctQuery): Promise<DistinctNeighbour[]> {
  const { index, wanted, duplicateFrom, filter, without } = query;
  const hidden = without === undefined ? undefined : await index.vector(without);
  const leftOut = new Set(without === undefined ? [] : [without, ...index.duplicatesOf(without)]);
  const products: Product[] = [];
  for (const neighbour of neighbours) {
    const { id } = neighbour;
    const vector = await index.vector(id);
    if (!vector || leftOut.has(id) || (hidden && dot(hidden, 0, vector) >= duplicateFrom)) continue;
    const same =
      products.find(({ ids }) => ids.has(id)) ??
      products.find((product) => dot(product.vector, 0, vector) >= duplicateFrom);
    if (!same && products.length >= wanted) continue;
    const product = same ?? { neighbour, vector, ids: new Set<string>() };
    if (!same) products.push(product);
    if (product.ids.has(id)) continue;
    product.ids.add(id);
    for (const other of index.duplicatesOf(id, filter)) product.ids.add(other);
  }
  return products.map(({ neighbour, ids }) => ({
    ...neighbour,
    twins: [...ids].filter((id) => id !== neighbour.id),
  }));
}
