/** The catalogue as answers see it. While it is updated for the next index, answers still read the items of the old one. */

import { canonicalId, type Catalogue } from './catalogue.ts';
import { currentItem, type Item } from './item.ts';

export interface ServingCatalogue extends Pick<Catalogue, 'get' | 'getMany'> {
  /**
   * From now on these ids read as given here, whatever is written; undefined hides an item that is being added. Ids that are
   * already held keep their items.
   */
  hold(items: ReadonlyMap<string, Item | undefined>): void;
  /** From now on all ids read as written. */
  release(): void;
}

/** Items read with the prices that apply at the moment. @param now milliseconds since 1970. */
export function createServingCatalogue(
  catalogue: Pick<Catalogue, 'get' | 'getMany'>,
  now: () => number = Date.now,
): ServingCatalogue {
  let held: ReadonlyMap<string, Item | undefined> = new Map();
  const current = (item: Item | undefined): Item | undefined => item && currentItem(item, now());

  return {
    hold(items) {
      held = held.size === 0 ? items : new Map([...items, ...held]);
    },

    release() {
      held = new Map();
    },

    async get(id) {
      const key = canonicalId(id) ?? '';
      return current(held.has(key) ? held.get(key) : await catalogue.get(id));
    },

    async getMany(ids) {
      const before = held;
      const read = await catalogue.getMany(ids);
      // Holding may have started or ended during the read.
      const views = [before, held];
      return ids.map((id, position) => {
        const key = canonicalId(id) ?? '';
        const view = views.find((view) => view.has(key));
        return current(view ? view.get(key) : read[position]);
      });
    },
  };
}
