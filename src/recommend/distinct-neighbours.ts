/** Finds the nearest items, with the duplicates of one product merged into one entry. */

import type { Filter } from '../search/filter.ts';
import type { ItemIndex, Neighbour } from '../search/item-index.ts';
import { dot } from '../search/vectors.ts';

export interface DistinctNeighbour extends Neighbour {
  /** Ids of the other items that pass the filter and are the same product, whether or not they are near the query. */
  readonly duplicates: readonly string[];
}

export interface DistinctQuery {
  readonly index: ItemIndex;
  /** Unit vector. */
  readonly vector: Float32Array;
  /** How many distinct products to return, at least 1. */
  readonly wanted: number;
  /** Two items whose cosine is at least this are the same product. */
  readonly duplicateFrom: number;
  readonly filter?: Filter | undefined;
  /** Id of an item to leave out, together with all its duplicates. */
  readonly without?: string | undefined;
}

/** Largest number of neighbours that one search requests from the index. */
const MAX_NEIGHBOURS = 1000;

/** At most `wanted` products, most similar first; fewer only when the index holds no more. */
export async function distinctNeighbours(query: DistinctQuery): Promise<DistinctNeighbour[]> {
  const { index, vector, wanted, filter } = query;
  for (let k = 8 + 4 * wanted; ; k *= 2) {
    const requested = Math.min(k, MAX_NEIGHBOURS);
    const neighbours = await index.nearest(vector, requested, filter);
    const distinct = await group(neighbours, query);
    const isAll = neighbours.length < requested || requested === MAX_NEIGHBOURS;
    if (distinct.length >= wanted || isAll) return distinct;
  }
}

// --- Internal helpers ---

interface Product {
  readonly nearest: Neighbour;
  readonly vector: Float32Array;
  /** Every item of the product, the nearest one included. */
  readonly ids: Set<string>;
}

/**
 * Each neighbour joins the product that the index lists it as a duplicate of. Failing that, it joins the first product whose
 * nearest item reaches `duplicateFrom`, or starts a product of its own.
 */
async function group(neighbours: readonly Neighbour[], query: DistinctQuery): Promise<DistinctNeighbour[]> {
  const { index, wanted, duplicateFrom, filter, without } = query;
  const excludedVector = without === undefined ? undefined : await index.vector(without);
  const excluded = new Set(without === undefined ? [] : [without, ...index.duplicatesOf(without)]);
  const products: Product[] = [];
  for (const neighbour of neighbours) {
    const { id } = neighbour;
    const vector = await index.vector(id);
    if (!vector || excluded.has(id)) continue;
    if (excludedVector && dot(excludedVector, 0, vector) >= duplicateFrom) continue;
    const same =
      products.find(({ ids }) => ids.has(id)) ??
      products.find((product) => dot(product.vector, 0, vector) >= duplicateFrom);
    if (!same && products.length >= wanted) continue;
    const product = same ?? { nearest: neighbour, vector, ids: new Set<string>() };
    if (!same) products.push(product);
    if (product.ids.has(id)) continue;
    product.ids.add(id);
    for (const other of index.duplicatesOf(id, filter)) product.ids.add(other);
  }
  return products.map(({ nearest, ids }) => ({
    ...nearest,
    duplicates: [...ids].filter((id) => id !== nearest.id),
  }));
}
