/** Turns the changes that were found into a plan. */

import type { FoundChanges } from './find-changes.ts';
import type { Row } from './read-sources.ts';
import type { ReindexPlan } from './reindex-plan.ts';
import { lossesOf } from './shrink-guard.ts';

/**
 * @param rows every item that the inventory will hold.
 * @param seconds how long planning took.
 */
export function createPlan(
  { sources, leaving, removed }: FoundChanges,
  rows: readonly Pick<Row, 'item'>[],
  seconds: number,
): ReindexPlan {
  const hidden = rows.filter(({ item }) => item.hidden).length;
  const sum = (count: 'added' | 'changed' | 'unchanged' | 'toEmbed'): number =>
    sources.reduce((total, source) => total + source[count], 0);
  return {
    added: sum('added'),
    changed: sum('changed'),
    removed: removed.length,
    unchanged: sum('unchanged'),
    rejected: sources.flatMap(({ rejected }) => rejected),
    toEmbed: sum('toEmbed'),
    sources: [...sources, ...leaving],
    // A person removed the sources that are leaving, so these are no losses.
    losses: lossesOf(sources),
    total: rows.length - hidden,
    hidden,
    seconds,
  };
}
