/** Holds the index that answers now, and replaces it with a newer one. */

import type { ItemIndex } from './item-index.ts';

export interface ServingIndex {
  /** Undefined before the first index exists. */
  current(): ItemIndex | undefined;
  /** The next search uses `index`; running searches finish on the old one. */
  replace(index: ItemIndex): void;
  /** Idempotent. */
  close(): Promise<void>;
}

/** How long a replaced index stays open for running searches, which take milliseconds. */
const GRACE_MS = 10_000;

export function createServingIndex(first?: ItemIndex): ServingIndex {
  let serving = first;
  const retired = new Map<ItemIndex, NodeJS.Timeout>();

  const retire = (index: ItemIndex): void => {
    const timer = setTimeout(() => {
      retired.delete(index);
      void index.close();
    }, GRACE_MS);
    retired.set(index, timer.unref());
  };

  return {
    current: () => serving,
    replace(index) {
      if (serving) retire(serving);
      serving = index;
    },
    async close() {
      const open = [...retired.keys(), ...(serving ? [serving] : [])];
      for (const timer of retired.values()) clearTimeout(timer);
      retired.clear();
      serving = undefined;
      await Promise.all(open.map((index) => index.close()));
    },
  };
}
