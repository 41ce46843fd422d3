/** What a reindex would change, worked out before anything is touched. */

import type { Rejection } from './rejections.ts';

/** How the current items of one or more sources differ from what the inventory holds of them. */
export interface Changes {
  readonly added: number;
  /** Items with another picture, title, label, link, price or availability. */
  readonly changed: number;
  readonly removed: number;
  readonly unchanged: number;
  /** Records that cannot be used, such as one whose picture cannot be read. The other counts do not include them. */
  readonly rejected: readonly Rejection[];
  /** Pictures that no earlier run has embedded, so that they have to go through the network. */
  readonly toEmbed: number;
}

export interface SourceChanges extends Changes {
  /** Name of the source. */
  readonly name: string;
  /** Items of this source that the inventory holds now. */
  readonly before: number;
}

/** A source that lost more than `MAX_LOSS` (shrink-guard.ts) of its items since it was last read. */
export interface Loss {
  readonly source: string;
  readonly before: number;
  readonly removed: number;
}

/** The changes of each source that is read or removed, and their sum. */
export interface ReindexPlan extends Changes {
  /** The sources that were read, in their order, then the ones that are removed. */
  readonly sources: readonly SourceChanges[];
  /** If this is not empty, the reindex has to be confirmed. */
  readonly losses: readonly Loss[];
  /** Searchable items after the reindex, including those of other sources. */
  readonly total: number;
  /** Further items that the inventory keeps but does not show, because they are out of stock. */
  readonly hidden: number;
  /** How long planning took. */
  readonly seconds: number;
}
