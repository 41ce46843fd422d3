/**
 * What the catalogue has to become when a generation of the index begins to count. Index and catalogue are two places that
 * cannot change in one step, so the change is kept here first: a process that died between the two finds what is missing.
 */

import type { Keyv } from 'keyv';
import type { Item } from '../catalogue/item.ts';
import type { RunResult } from './run-result.ts';

export interface CatalogueChange {
  /** Added and changed items. */
  readonly set: readonly Item[];
  /** Ids of items that left. */
  readonly remove: readonly string[];
  /** Digests of pictures that no item needs any more. */
  readonly orphans: readonly string[];
  /** Digest of the model's fingerprint when every picture was embedded again for it. */
  readonly rebuild?: string | undefined;
  /** Digest of the classifier, when the labels of all items were predicted again. */
  readonly predictedBy?: string | undefined;
  /** What is to be written down of the run, if anything. */
  readonly result?: RunResult | undefined;
}

export interface CommitLog {
  /** Keeps the change of a generation that does not count yet, in place of any kept before. */
  keep(generation: string, change: CatalogueChange): Promise<void>;
  /** The change of that generation, unless none was kept whole. */
  of(generation: string): Promise<CatalogueChange | undefined>;
  /** It was made, or its generation will never count. */
  clear(): Promise<void>;
}

/** Parts of a change by their number, and under `head` what makes it whole; the head is written last and removed first. */
export type CommitRecord = CommitHead | CommitPart;

type CommitPart = Pick<CatalogueChange, 'set' | 'remove' | 'orphans'>;

/** As it is stored; `anew` and `toldBy` are the names that versions before 1.0 wrote. */
interface CommitHead extends Pick<CatalogueChange, 'result'> {
  readonly generation: string;
  readonly parts: number;
  readonly anew?: string | undefined;
  readonly toldBy?: string | undefined;
}

const HEAD = 'head';
/** Items, ids or digests in one record. */
const PART = 500;

export function createCommitLog(records: Keyv<CommitRecord>): CommitLog {
  async function head(): Promise<CommitHead | undefined> {
    const record = await records.get(HEAD);
    return record && 'generation' in record ? record : undefined;
  }

  async function clear(): Promise<void> {
    const old = await head();
    if (!old) return;
    await records.delete(HEAD);
    for (let part = 0; part < old.parts; part++) await records.delete(String(part));
  }

  return {
    clear,

    async keep(generation, change) {
      await clear();
      const parts = split(change);
      for (const [number, part] of parts.entries()) await records.set(String(number), part);
      const { rebuild, predictedBy, result } = change;
      await records.set(HEAD, {
        generation,
        parts: parts.length,
        anew: rebuild,
        toldBy: predictedBy,
        result,
      });
    },

    async of(generation) {
      const kept = await head();
      if (kept?.generation !== generation) return undefined;
      const change = { set: [] as Item[], remove: [] as string[], orphans: [] as string[] };
      for (let number = 0; number < kept.parts; number++) {
        const part = await records.get(String(number));
        if (!part || !('set' in part)) return undefined;
        change.set.push(...part.set);
        change.remove.push(...part.remove);
        change.orphans.push(...part.orphans);
      }
      return { ...change, rebuild: kept.anew, predictedBy: kept.toldBy, result: kept.result };
    },
  };
}

// --- Internal helpers ---

function split({ set, remove, orphans }: CatalogueChange): CommitPart[] {
  const parts: CommitPart[] = [];
  for (let from = 0; from < Math.max(set.length, remove.length, orphans.length); from += PART) {
    parts.push({
      set: set.slice(from, from + PART),
      remove: remove.slice(from, from + PART),
      orphans: orphans.slice(from, from + PART),
    });
  }
  return parts;
}
