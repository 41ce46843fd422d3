/** The catalogue as answers see it: while it is rewritten for the next index, they keep reading what belongs to the old one. */

import { canonicalId, type Catalogue } from './catalogue.ts';
import type { Item } from './item.ts';

export interface ServingCatalogue extends Pick<Catalogue, 'get' | 'getMany'> {
  /**
   * From now on these ids read as they do here, whatever is written: undefined for an item that is not there yet. What is held
   * already stays so.
   */
  hold(items: ReadonlyMap<string, Item | undefined>): void;
  /** What is written counts again, from the same moment for all. */
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
      // The holding may have begun, or ended, while it was read.
      const views = [before, held];
      return ids.map((id, place) => {
        const key = canonicalId(id) ?? '';
        const view = views.find((view) => view.has(key));
        return view ? view.get(key) : read[place];
      });
    },
  };
}
