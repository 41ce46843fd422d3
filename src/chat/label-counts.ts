/** How often each label value occurs in the inventory, counted once for each index: 44,441 items take milliseconds. */

import type { ItemIndex } from '../search/item-index.ts';

export type LabelCounts = ReturnType<ItemIndex['labelCounts']>;

/** Returns the same object as long as the same index serves; an empty one before the first index. */
export function createLabelCounts(index: () => ItemIndex | undefined): () => LabelCounts {
  const none: LabelCounts = new Map();
  let counted: { readonly index: ItemIndex; readonly counts: LabelCounts } | undefined;
  return () => {
    const serving = index();
    if (!serving) return none;
    if (counted?.index !== serving) counted = { index: serving, counts: serving.labelCounts() };
    return counted.counts;
  };
}
