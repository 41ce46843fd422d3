/** Picks which duplicate of each product to show: the nearest item, or the nearest other one that is in stock. */

import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Item } from '../catalogue/item.ts';
import type { ItemIndex } from '../search/item-index.ts';
import { dot } from '../search/vectors.ts';
import type { DistinctNeighbour } from './distinct-neighbours.ts';

export interface ShownItem {
  readonly item: Item;
  /** Cosine between the query and the product's nearest item, which need not be `item`. It decides the product's rank. */
  readonly similarity: number;
  /** How many other items are the same product. */
  readonly duplicateCount: number;
}

export interface ItemsToShowDependencies {
  readonly catalogue: Pick<Catalogue, 'getMany'>;
  readonly index: Pick<ItemIndex, 'vector'>;
}

/** How many duplicates of one product are looked up in the catalogue. */
const MAX_DUPLICATES = 20;

/**
 * One item for each product, in the order given; undefined for a product that is no longer in the catalogue.
 * @param vector the query, a unit vector.
 */
export async function itemsToShow(
  products: readonly DistinctNeighbour[],
  vector: Float32Array,
  { catalogue, index }: ItemsToShowDependencies,
): Promise<(ShownItem | undefined)[]> {
  const nearest = await catalogue.getMany(products.map(({ id }) => id));
  return Promise.all(
    products.map(async ({ similarity, duplicates }, n): Promise<ShownItem | undefined> => {
      const item = nearest[n];
      if (!item) return undefined;
      const shown = { item, similarity, duplicateCount: duplicates.length };
      if (item.availability !== 'out of stock' || duplicates.length === 0) return shown;
      const others = await catalogue.getMany(duplicates.slice(0, MAX_DUPLICATES));
      let best = shown;
      let bestCosine = -Infinity;
      for (const other of others) {
        const row = other && other.availability !== 'out of stock' && (await index.vector(other.id));
        if (!row || dot(row, 0, vector) <= bestCosine) continue;
        bestCosine = dot(row, 0, vector);
        best = { ...shown, item: other };
      }
      return best;
    }),
  );
}
