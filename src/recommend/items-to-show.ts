/** Which item stands for a product that is several: the nearest one, or where that is out of stock the next one that is not. */

import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Item } from '../catalogue/item.ts';
import type { ItemIndex } from '../search/item-index.ts';
import { dot } from '../search/vectors.ts';
import type { DistinctNeighbour } from './distinct-neighbours.ts';

export interface ShownItem {
  readonly item: Item;
  /** Of the product's nearest item, by which it has its place: cosine to what was asked for. */
  readonly similarity: number;
  /** How many further items are the same product. */
  readonly alike: number;
}

export interface ItemsToShowDependencies {
  readonly catalogue: Pick<Catalogue, 'getMany'>;
  readonly index: Pick<ItemIndex, 'vector'>;
}

/** Of one product, that are looked up. */
const MOST_TWINS = 20;

/**
 * One for each product, in their order; undefined for a product that the catalogue does not know any more.
 * @param vector what was asked for, of unit length.
 */
export async function itemsToShow(
  products: readonly DistinctNeighbour[],
  vector: Float32Array,
  { catalogue, index }: ItemsToShowDependencies,
): Promise<(ShownItem | undefined)[]> {
  const nearest = await catalogue.getMany(products.map(({ id }) => id));
  return Promise.all(
    products.map(async ({ similarity, twins }, n): Promise<ShownItem | undefined> => {
      const item = nearest[n];
      if (!item) return undefined;
      const own = { item, similarity, alike: twins.length };
      if (item.availability !== 'out of stock' || twins.length === 0) return own;
      const others = await catalogue.getMany(twins.slice(0, MOST_TWINS));
      let best = own;
      let bestCosine = -Infinity;
      for (const other of others) {
        const place = other && other.availability !== 'out of stock' && (await index.vector(other.id));
        if (!place || dot(place, 0, vector) <= bestCosine) continue;
        bestCosine = dot(place, 0, vector);
        best = { ...own, item: other };
      }
      return best;
    }),
  );
}
