/** Compares what the sources hold now with what the inventory holds of them. */

import { setImmediate } from 'node:timers/promises';
import type { Item } from '../catalogue/item.ts';
import type { SourcesRead } from './read-sources.ts';
import type { SourceChanges } from './reindex-plan.ts';

export interface FoundChanges {
  /** The sources that were read, in the given order. */
  readonly sources: readonly SourceChanges[];
  /** Sources that were neither read nor kept: they leave the inventory. */
  readonly leaving: readonly SourceChanges[];
  /** Items to write to the catalogue: added, changed, or with other predicted labels. */
  readonly updated: readonly Item[];
  /** Items to remove from the catalogue, including those of the sources that are leaving. */
  readonly removed: readonly Item[];
}

/** Items compared before other work gets a turn, 2 to 4 ms. */
const SLICE = 500;

/**
 * @param before the catalogue, by id.
 * @param kept items of sources that are not read. Only their predicted labels may have changed.
 * @param toEmbed number of pictures to embed, by source.
 */
export async function findChanges(
  before: ReadonlyMap<string, Item>,
  kept: readonly Item[],
  { rows, rejected }: SourcesRead,
  toEmbed: ReadonlyMap<string, number>,
): Promise<FoundChanges> {
  const counts = new Map([...rejected.keys()].map((name) => [name, { added: 0, changed: 0, unchanged: 0 }]));
  const staying = new Set(kept.map(({ id }) => id));
  const updated = kept.filter((item) => {
    const old = before.get(item.id);
    return old !== item && !samePrediction(old, item);
  });
  for (const [position, { item }] of rows.entries()) {
    if (position % SLICE === SLICE - 1) await setImmediate();
    staying.add(item.id);
    const old = before.get(item.id);
    const same = old !== undefined && sameInSource(old, item);
    // Other predicted labels are written, but they are no change of the source.
    if (!same || !samePrediction(old, item)) updated.push(item);
    const count = counts.get(item.source);
    if (count) count[!old ? 'added' : same ? 'unchanged' : 'changed']++;
  }

  const removed: Item[] = [];
  const held = new Map<string, { before: number; removed: number }>();
  for (const item of before.values()) {
    const count = held.get(item.source) ?? { before: 0, removed: 0 };
    held.set(item.source, count);
    count.before++;
    if (staying.has(item.id)) continue;
    count.removed++;
    removed.push(item);
  }
  const sources = [...counts].map(([name, count]): SourceChanges => ({
    name,
    ...count,
    ...(held.get(name) ?? { before: 0, removed: 0 }),
    rejected: rejected.get(name) ?? [],
    toEmbed: toEmbed.get(name) ?? 0,
  }));
  const nothing = { added: 0, changed: 0, unchanged: 0, rejected: [], toEmbed: 0 };
  const leaving = [...held]
    .filter(([name, { removed }]) => removed > 0 && !counts.has(name))
    .map(([name, count]): SourceChanges => ({ name, ...nothing, ...count }));
  return { sources, leaving, updated, removed };
}

// --- Internal helpers ---

/** JSON can be compared because `itemSchema` gives the members of every item the same order. */
function sameInSource(a: Item, b: Item): boolean {
  return (
    a.picture === b.picture &&
    a.title === b.title &&
    JSON.stringify(withoutPrediction(a)) === JSON.stringify(withoutPrediction(b))
  );
}

function samePrediction(a: Item | undefined, b: Item): boolean {
  return JSON.stringify(a?.predicted) === JSON.stringify(b.predicted);
}

function withoutPrediction(item: Item): Item {
  return item.predicted ? { ...item, predicted: undefined } : item;
}
