/** Decides how to make the next generation of an index: keep the current one, update it, or build from nothing. */

import { LABEL_NAMES } from '../catalogue/item.ts';
import type { IndexEntry } from './item-index.ts';
import type { MetadataColumns } from './metadata-columns.ts';

/** If more than this share of the items changed, a build from nothing is about as fast, and leaves no dead rows. */
const MAX_CHANGED = 0.25;
/** If more than this share of the rows are dead, the index is built from nothing, because dead rows cost memory and search time. */
const MAX_DEAD = 0.3;

export interface IndexUpdatePlan {
  /** `relabelled`: only labels changed, so vectors and graph stay as they are. */
  readonly kind: 'unchanged' | 'relabelled' | 'revised' | 'built';
  readonly added: number;
  /** Items with another picture or other labels. */
  readonly changed: number;
  readonly removed: number;
  /** The entry of each row of the next generation, `null` for a dead row. */
  readonly rows: readonly (IndexEntry | null)[];
  /** Number of rows that come from the previous generation with their vectors. New rows follow, in the order of `appended`. */
  readonly kept: number;
  /** Positions in `entries` of the items that get new rows. */
  readonly appended: readonly number[];
}

/**
 * @param previous columns of a complete generation with the same model and graph parameters; undefined if there is none.
 * @param entries validated: no id is repeated.
 */
export function planIndexUpdate(
  previous: MetadataColumns | undefined,
  entries: readonly IndexEntry[],
): IndexUpdatePlan {
  const rows: (IndexEntry | null)[] = new Array<null>(previous?.rows ?? 0).fill(null);
  const appended: number[] = [];
  let known = 0;
  let relabelled = 0;
  for (const [position, entry] of entries.entries()) {
    const row = previous?.rowOf(entry.id);
    const before = row === undefined ? undefined : previous?.entryAt(row);
    if (before) known++;
    if (row === undefined || before?.picture !== entry.picture) {
      appended.push(position);
      continue;
    }
    rows[row] = entry;
    if (!sameLabels(before, entry)) relabelled++;
  }
  const items = previous?.living.count ?? 0;
  const added = entries.length - known;
  const repictured = appended.length - added;
  const counts = { added, changed: repictured + relabelled, removed: items - known };
  const all = rows.length + appended.length;

  if (
    !previous ||
    appended.length + counts.removed > items * MAX_CHANGED ||
    all - entries.length > all * MAX_DEAD
  ) {
    return {
      kind: 'built',
      ...counts,
      rows: entries,
      kept: 0,
      appended: entries.map((_, position) => position),
    };
  }
  const kind = appended.length + counts.removed > 0 ? 'revised' : relabelled > 0 ? 'relabelled' : 'unchanged';
  return {
    kind,
    ...counts,
    rows: [...rows, ...appended.map((position) => entries[position] ?? null)],
    kept: rows.length,
    appended,
  };
}

// --- Internal helpers ---

function sameLabels(a: IndexEntry, b: IndexEntry): boolean {
  return LABEL_NAMES.every((name) => a.labels[name] === b.labels[name]);
}
