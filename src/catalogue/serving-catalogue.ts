/** The catalogue as answers see it. While it is updated for the next index, answers still read the items of the old one. */

import { canonicalId, type Catalogue } from './catalogue.ts';
import type { Item } from './item.ts';

export interface ServingCatalogue extends Pick<Catalogue, 'get' | 'getMany'> {
  /**
   * From now on these ids read as given here, whatever is written; undefined hides an item that is being added. Ids that are
   * already held keep their items.
   */
  hold(items: ReadonlyMap<string, Item | undefined>): void;
  /** From now on all ids read as written. */
  release(): void;
}

export function createServingCatalogue(catalogue: Pick<Catalogue, 'get' | 'getMany'>): ServingCatalogue {
  let held: ReadonlyMap<string, Item | undefined> = new Map();

  return {
    hold(items) {
      held = held.size === 0 ? items : new Map([...items, ...held]);
    },

    release() {
      held = new Map();
    },

    async get(id) {
      const key = canonicalId(id) ?? '';
      return held.has(key) ? held.get(key) : catalogue.get(id);
    },

    async getMany(ids) {
      const before = held;
      const read = await catalogue.getMany(ids);
      // Holding may have started or ended during the read.
      const views = [before, held];
      return ids.map((id, position) => {
        const key = canonicalId(id) ?? '';
        const view = views.find((view) => view.has(key));
        return view ? view.get(key) : read[position];
      });
    },
  };
}
