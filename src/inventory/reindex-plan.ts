/** What a reindex would change, before anything is touched. */

import { OperatorError } from '../errors.ts';
import type { Rejection } from './read-sources.ts';

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

/** A source that lost more than `MAX_LOSS` of its items since it was read last. */
export interface Loss {
  readonly source: string;
  readonly before: number;
  readonly removed: number;
}

/** The sum of the sources that were read, and each of them. */
export interface ReindexPlan extends Changes {
  /** By name. */
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

/** A source that loses a larger share of its items than this is more often broken than that much smaller. */
export const MAX_LOSS = 0.2;

/** A reindex that was not confirmed would take out a suspicious share of a source. Nothing but embeddings was written. */
export class LargeLossError extends OperatorError {
  readonly plan: ReindexPlan;

  constructor(plan: ReindexPlan) {
    const lost = plan.losses.map(
      ({ source, before, removed }) => `"${source}" would lose ${removed} of its ${before} items`,
    );
    super(
      `${lost.join(', ')}. Nothing was changed. Check ${lost.length === 1 ? 'that source' : 'these sources'}; ` +
        'if the loss is real, confirm it: the same command with --confirm.',
    );
    this.plan = plan;
  }
}

export function lossesOf(sources: readonly SourceChanges[]): Loss[] {
  return sources
    .filter(({ before, removed }) => removed > before * MAX_LOSS)
    .map(({ name, before, removed }) => ({ source: name, before, removed }));
}
