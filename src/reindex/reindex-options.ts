/** The options of a reindex and of a plan, and the progress that they report. */

import type { PauseGate } from './pause-gate.ts';
import type { Loss } from './reindex-plan.ts';
import type { ReindexSummary } from './reindex-summary.ts';
import type { RunResult } from './run-result.ts';

export interface ReindexProgress {
  /** `plan` and `embed` count records of the sources, `index` counts items of the index. */
  readonly phase: 'plan' | 'embed' | 'index';
  readonly done: number;
  readonly total: number;
}

export interface PlanOptions {
  /** Further sources whose items stay as they are. Items of all other sources leave the inventory. */
  readonly keep?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: ReindexProgress) => void) | undefined;
  /** Waited for before each record, and once more before the index is built. */
  readonly pause?: PauseGate | undefined;
}

export interface ReindexOptions extends PlanOptions {
  /** Embeds every picture again and builds the index from nothing. An interrupted rebuild continues where it stopped. */
  readonly full?: boolean | undefined;
  /** Large losses that a person has seen and confirmed. Larger losses, and losses of other sources, are still refused. */
  readonly confirmed?: readonly Loss[] | undefined;
  /** Refuses sources that had no items before and now bring no usable ones. */
  readonly refuseEmpty?: boolean | undefined;
  /** Makes the result to record once the new index is current. If this process dies first, the next one records it. */
  readonly resultOf?: ((summary: ReindexSummary) => RunResult) | undefined;
}
