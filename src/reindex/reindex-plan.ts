/** What a reindex would change, before anything is touched. */

import type { FoundChanges } from './find-changes.ts';
import { type Loss, lossesOf } from './shrink-guard.ts';
import type { Rejection, Row } from './read-sources.ts';

/** Items of some sources as they are now, against what the inventory holds of them. */
export interface Changes {
  readonly added: number;
  /** Another picture, title, label, link, price or availability. */
  readonly changed: number;
  readonly removed: number;
  readonly unchanged: number;
  /** What cannot be used, pictures that cannot be read among it; counted in none of the others. */
  readonly rejected: readonly Rejection[];
  /** Pictures that must go through the network, because no earlier run has embedded them. */
  readonly toEmbed: number;
}

export interface SourceChanges extends Changes {
  /** Of the source. */
  readonly name: string;
  /** Items that the inventory holds of it now. */
  readonly before: number;
}

/** The sum of the sources that were read or that leave, and each of them. */
export interface ReindexPlan extends Changes {
  /** Those that were read, in their order, then those that leave. */
  readonly sources: readonly SourceChanges[];
  /** Not empty: the reindex will ask to be confirmed. */
  readonly losses: readonly Loss[];
  /** Items that could be found after it, those of other sources included. */
  readonly total: number;
  /** Further items that would be kept, but out of stock and not to be found. */
  readonly hidden: number;
  /** How long the plan took. */
  readonly seconds: number;
}

/** @param rows every item that will be in the inventory. */
export function planOf(
  { sources, leaving, gone }: FoundChanges,
  rows: readonly Pick<Row, 'item'>[],
  seconds: number,
): ReindexPlan {
  const hidden = rows.filter(({ item }) => item.hidden).length;
  const sum = (count: 'added' | 'changed' | 'unchanged' | 'toEmbed'): number =>
    sources.reduce((total, source) => total + source[count], 0);
  return {
    added: sum('added'),
    changed: sum('changed'),
    removed: gone.length,
    unchanged: sum('unchanged'),
    rejected: sources.flatMap(({ rejected }) => rejected),
    toEmbed: sum('toEmbed'),
    sources: [...sources, ...leaving],
    // A source that leaves was taken out by a person.
    losses: lossesOf(sources),
    total: rows.length - hidden,
    hidden,
    seconds,
  };
}
