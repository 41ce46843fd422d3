/** When a source lost so much that a person has to confirm it, and what exactly a confirmation covers. */

import { OperatorError } from '../util/errors.ts';
import type { ReindexPlan, SourceChanges } from './reindex-plan.ts';

/** A source that lost more than `MAX_LOSS` of its items since it was read last. */
export interface Loss {
  readonly source: string;
  readonly before: number;
  readonly removed: number;
}

/** A source that loses a larger share of its items than this is more often broken than that much smaller. */
export const MAX_LOSS = 0.2;

/** A reindex would take out a suspicious share of a source that nobody confirmed. Nothing but embeddings was written. */
export class ShrinkGuardError extends OperatorError {
  readonly plan: ReindexPlan;

  constructor(plan: ReindexPlan) {
    const lost = plan.losses.map(
      ({ source, before, removed }) => `"${source}" would lose ${removed} of its ${before} items`,
    );
    super(
      `${lost.join(', ')}. Nothing was changed. Check ${lost.length === 1 ? 'that source' : 'these sources'}; ` +
        `if the loss is real, confirm it: the same command with ${confirmOptions(plan.losses)}`,
    );
    this.plan = plan;
  }
}

export function lossesOf(sources: readonly SourceChanges[]): Loss[] {
  return sources
    .filter(({ before, removed }) => removed > before * MAX_LOSS)
    .map(({ name, before, removed }) => ({ source: name, before, removed }));
}

/**
 * Whether a person saw each of these losses before confirming: the same source, no more items gone, and none fewer before.
 * @param confirmed as they were shown to that person.
 */
export function areConfirmed(losses: readonly Loss[], confirmed: readonly Loss[]): boolean {
  return losses.every(({ source, before, removed }) =>
    confirmed.some((shown) => shown.source === source && removed <= shown.removed && before >= shown.before),
  );
}

/** How these losses are confirmed on the command line, for example `--confirm shop=12/40`. */
export function confirmOptions(losses: readonly Loss[]): string {
  const words = losses.map(({ source, before, removed }) => `${source}=${removed}/${before}`);
  return words.map((word) => `--confirm ${/^[\w./=-]+$/.test(word) ? word : quoted(word)}`).join(' ');
}

/** @param word what `confirmOptions` put after `--confirm`. @throws {OperatorError} for anything else. */
export function readLoss(word: string): Loss {
  const [, source = '', removed, before] = /^(.+)=(\d{1,9})\/(\d{1,9})$/su.exec(word) ?? [];
  if (source === '') {
    throw new OperatorError(
      `--confirm expects a loss as it was shown, such as shop=12/40 (source, items gone, items before), got "${word}". ` +
        'See what would be lost: npm run inventory -- plan',
    );
  }
  return { source, before: Number(before), removed: Number(removed) };
}

// --- Internal helpers ---

/** For the shells of people; on Windows a name with quotation marks has to be quoted by hand. */
function quoted(word: string): string {
  return `"${word.replace(/["\\$`]/g, '\\$&')}"`;
}
