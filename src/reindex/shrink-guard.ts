/** Decides when a source lost so many items that a person has to confirm it, and what exactly a confirmation covers. */

import { OperatorError } from '../util/errors.ts';
import type { Loss, ReindexPlan, SourceChanges } from './reindex-plan.ts';

/** A source that loses a larger share of its items than this is more likely broken than really that much smaller. */
export const MAX_LOSS = 0.2;

/** A reindex would remove a suspicious share of a source, and nobody confirmed it. Only embeddings were written. */
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
 * Whether the person who confirmed saw each of these losses: the same source, at most as many items removed, and at least as many
 * items before.
 * @param confirmed the losses that were shown to that person.
 */
export function areConfirmed(losses: readonly Loss[], confirmed: readonly Loss[]): boolean {
  return losses.every(({ source, before, removed }) =>
    confirmed.some((shown) => shown.source === source && removed <= shown.removed && before >= shown.before),
  );
}

/** The options that confirm these losses on the command line, for example `--confirm shop=12/40`. */
export function confirmOptions(losses: readonly Loss[]): string {
  const words = losses.map(({ source, before, removed }) => `${source}=${removed}/${before}`);
  return words.map((word) => `--confirm ${/^[\w./=-]+$/.test(word) ? word : quoted(word)}`).join(' ');
}

/** @param word the value that `confirmOptions` put after `--confirm`. @throws {OperatorError} for anything else. */
export function readLoss(word: string): Loss {
  const [, source = '', removed, before] = /^(.+)=(\d{1,9})\/(\d{1,9})$/su.exec(word) ?? [];
  if (source === '') {
    throw new OperatorError(
      `--confirm expects a loss as it was shown, such as shop=12/40 (source, items removed, items before), got "${word}". ` +
        'See what would be lost: npm run inventory -- plan',
    );
  }
  return { source, before: Number(before), removed: Number(removed) };
}

// --- Internal helpers ---

/** Quoted for POSIX shells. On Windows a name with quotation marks has to be quoted by hand. */
function quoted(word: string): string {
  return `"${word.replace(/["\\$`]/g, '\\$&')}"`;
}
