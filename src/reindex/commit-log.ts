/**
 * A write-ahead log for catalogue changes. Index and catalogue cannot change in one step, so the change is logged before the new
 * generation of the index becomes current. If the process dies in between, the next one applies the logged change.
 */

import type { Keyv } from 'keyv';
import type { Item } from '../catalogue/item.ts';
import type { RunResult } from './run-result.ts';

export interface CatalogueChange {
  /** Items to add or replace. */
  readonly set: readonly Item[];
  /** Ids of items to remove. */
  readonly remove: readonly string[];
  /** Digests of pictures that no item uses any more. */
  readonly orphans: readonly string[];
  /** Digest of the model fingerprint, if every picture was embedded again with this model. */
  readonly rebuild?: string | undefined;
  /** Digest of the classifier, if the labels of all items were predicted again. */
  readonly predictedBy?: string | undefined;
  /** Result of the run to record, if any. */
  readonly result?: RunResult | undefined;
}

export interface CommitLog {
  /** Logs the change of a generation that is not current yet. Replaces what was logged before. */
  keep(generation: string, change: CatalogueChange): Promise<void>;
  /** The change of that generation; undefined unless it was logged completely. */
  of(generation: string): Promise<CatalogueChange | undefined>;
  /** To be called once the change was applied, or its generation can no longer become current. */
  clear(): Promise<void>;
}

/** A change is stored as numbered parts and a head. The head completes it: it is written last and removed first. */
export type CommitRecord = CommitHead | CommitPart;

type CommitPart = Pick<CatalogueChange, 'set' | 'remove' | 'orphans'>;

/** Stored form: `anew` holds `rebuild` and `toldBy` holds `predictedBy`, because earlier versions wrote these keys. */
interface CommitHead extends Pick<CatalogueChange, 'result'> {
  readonly generation: string;
  readonly parts: number;
  readonly anew?: string | undefined;
  readonly toldBy?: string | undefined;
}

const HEAD = 'head';
/** Items, ids or digests in one part. */
const PART_SIZE = 500;

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
  for (let from = 0; from < Math.max(set.length, remove.length, orphans.length); from += PART_SIZE) {
    parts.push({
      set: set.slice(from, from + PART_SIZE),
      remove: remove.slice(from, from + PART_SIZE),
      orphans: orphans.slice(from, from + PART_SIZE),
    });
  }
  return parts;
}
