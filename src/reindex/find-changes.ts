/** Compares what sources hold now with what the inventory holds of them. */

import { setImmediate } from 'node:timers/promises';
import type { Item } from '../catalogue/item.ts';
import type { SourcesRead } from './read-sources.ts';
import { type SourceChanges } from './reindex-plan.ts';

export interface FoundChanges {
  /** Each source that was read, in the order given. */
  readonly sources: readonly SourceChanges[];
  /** Each source that was neither read nor kept, and so leaves. */
  readonly leaving: readonly SourceChanges[];
  /** Added and changed items, those that the model tells other labels of among them. */
  readonly news: readonly Item[];
  /** Items that leave, those of sources that were neither read nor kept among them. */
  readonly gone: readonly Item[];
}

/** Items compared before other work gets a turn, 2 to 4 ms. */
const SLICE = 500;

/**
 * @param before the catalogue by id.
 * @param kept items of sources that stay as they are, but for what the model tells of them.
 * @param toEmbed by source.
 */
export async function findChanges(
  before: ReadonlyMap<string, Item>,
  kept: readonly Item[],
  { rows, rejected }: SourcesRead,
  toEmbed: ReadonlyMap<string, number>,
): Promise<FoundChanges> {
  const tallies = new Map([...rejected.keys()].map((name) => [name, { added: 0, changed: 0, unchanged: 0 }]));
  const staying = new Set(kept.map(({ id }) => id));
  const news = kept.filter((item) => {
    const old = before.get(item.id);
    return old !== item && !sameTold(old, item);
  });
  for (const [place, { item }] of rows.entries()) {
    if (place % SLICE === SLICE - 1) await setImmediate();
    staying.add(item.id);
    const old = before.get(item.id);
    const tally = tallies.get(item.source);
    const same = old !== undefined && sameInSource(old, item);
    // Predicted labels are the model's word: they are kept, and no change of the source.
    if (!same || !sameTold(old, item)) news.push(item);
    if (tally) tally[!old ? 'added' : same ? 'unchanged' : 'changed']++;
  }

  const gone: Item[] = [];
  const held = new Map<string, { before: number; removed: number }>();
  for (const item of before.values()) {
    const count = held.get(item.source) ?? { before: 0, removed: 0 };
    held.set(item.source, count);
    count.before++;
    if (staying.has(item.id)) continue;
    count.removed++;
    gone.push(item);
  }
  const sources = [...tallies].map(([name, tally]): SourceChanges => ({
    name,
    ...tally,
    ...(held.get(name) ?? { before: 0, removed: 0 }),
    rejected: rejected.get(name) ?? [],
    toEmbed: toEmbed.get(name) ?? 0,
  }));
  const nothing = { added: 0, changed: 0, unchanged: 0, rejected: [], toEmbed: 0 };
  const leaving = [...held]
    .filter(([name, { removed }]) => removed > 0 && !tallies.has(name))
    .map(([name, counts]): SourceChanges => ({ name, ...nothing, ...counts }));
  return { sources, leaving, news, gone };
}

// --- Internal helpers ---

/** Both came through `itemSchema`, which puts their members in its own order. */
function sameInSource(a: Item, b: Item): boolean {
  return (
    a.picture === b.picture && a.title === b.title && JSON.stringify(given(a)) === JSON.stringify(given(b))
  );
}

function sameTold(a: Item | undefined, b: Item): boolean {
  return JSON.stringify(a?.predicted) === JSON.stringify(b.predicted);
}

function given(item: Item): Item {
  return item.predicted ? { ...item, predicted: undefined } : item;
}
