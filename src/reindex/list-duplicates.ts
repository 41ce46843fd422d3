/** Lists items whose pictures are the same, or so nearly the same that an answer shows only one of them. */

import type { ItemIndex } from '../search/item-index.ts';

/** At least two items. */
export interface DuplicateGroup {
  readonly items: readonly {
    readonly id: string;
    /** SHA-256 of the picture, hex. Items with byte-identical pictures have the same one. */
    readonly picture: string;
  }[];
}

/** The duplicate groups of an index, largest first, then by the id of their first item. The items of a group are sorted by id. */
export function listDuplicates(index: Pick<ItemIndex, 'entries' | 'duplicatesOf'>): DuplicateGroup[] {
  const pictures = new Map<string, string>();
  for (const { id, picture } of index.entries()) pictures.set(id, picture);
  const groups: DuplicateGroup[] = [];
  const seen = new Set<string>();
  for (const id of [...pictures.keys()].sort()) {
    const others = seen.has(id) ? [] : index.duplicatesOf(id);
    if (others.length === 0) continue;
    const ids = [id, ...others].sort();
    for (const member of ids) seen.add(member);
    groups.push({ items: ids.map((member) => ({ id: member, picture: pictures.get(member) ?? '' })) });
  }
  // Sorting is stable, so groups of the same size stay in the order of their first items.
  return groups.sort((a, b) => b.items.length - a.items.length);
}
