/** The result of a reindex. */

import type { Row } from './read-sources.ts';
import type { Rejection } from './rejections.ts';
import type { ReindexPlan } from './reindex-plan.ts';

export interface ReindexSummary {
  /** Items of the sources that were read, compared with what the inventory held of them before. */
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly unchanged: number;
  /** Pictures that went through the network in this run. All other embeddings came from the cache or the old index. */
  readonly embedded: number;
  readonly rejected: readonly Rejection[];
  /** Searchable items. */
  readonly total: number;
  /** Further items that the inventory keeps but does not show, because they are out of stock. */
  readonly hidden: number;
  /** Number of hidden items by source, for the sources that have any. */
  readonly hiddenBySource: Readonly<Record<string, number>>;
  readonly seconds: number;
}

/** @param rows every item that the inventory now holds. */
export function summaryOf(
  plan: ReindexPlan,
  rows: readonly Pick<Row, 'item'>[],
  seconds: number,
): ReindexSummary {
  const { added, changed, removed, unchanged, rejected, toEmbed: embedded, total, hidden } = plan;
  const counts = { added, changed, removed, unchanged, embedded, rejected, total, hidden };
  return { ...counts, hiddenBySource: hiddenBySource(rows), seconds };
}

// --- Internal helpers ---

function hiddenBySource(rows: readonly Pick<Row, 'item'>[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { item } of rows) {
    if (item.hidden) counts.set(item.source, 1 + (counts.get(item.source) ?? 0));
  }
  return Object.fromEntries(counts);
}
