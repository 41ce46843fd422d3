/** What only looking at every item tells: how many each source has, and how good the index is. In the background, once an index. */

import { setImmediate } from 'node:timers/promises';
import { ClosedError } from '../util/errors.ts';
import type { ItemIndex } from '../search/item-index.ts';
import { type SampledRecall, sampleRecall } from '../search/sample-recall.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';

export interface IndexStats {
  /** Items that can be found, by the name of their source. */
  readonly bySource: ReadonlyMap<string, number>;
  /** Undefined for an empty index. */
  readonly recall: SampledRecall | undefined;
}

export interface IndexStatsReader {
  /** Of the index that serves; undefined until it is there. The first call for an index begins it. */
  known(): IndexStats | undefined;
  /** The same, waited for: a second or two for 44,441 items. Undefined where there is no index, or it has just been replaced. */
  take(): Promise<IndexStats | undefined>;
}

export interface IndexStatsDependencies {
  readonly index: () => ItemIndex | undefined;
  readonly catalogue: Pick<Catalogue, 'getMany'>;
}

const BATCH = 500;

export function createIndexStatsReader({ index, catalogue }: IndexStatsDependencies): IndexStatsReader {
  let current:
    | { readonly of: ItemIndex; readonly taking: Promise<IndexStats | undefined>; stats?: IndexStats }
    | undefined;

  function begin(of: ItemIndex): NonNullable<typeof current> {
    const taking = countStats(of, catalogue).then(
      (stats) => {
        begun.stats = stats;
        return stats;
      },
      (error: unknown) => {
        if (current === begun) current = undefined;
        // Another index took over; it is counted when somebody asks.
        if (error instanceof ClosedError) return undefined;
        throw error;
      },
    );
    // Whoever waits hears of it.
    taking.catch(() => undefined);
    const begun: NonNullable<typeof current> = { of, taking };
    return begun;
  }

  function ofServing(): typeof current {
    const serving = index();
    if (!serving) return undefined;
    if (current?.of !== serving) current = begin(serving);
    return current;
  }

  return {
    known: () => ofServing()?.stats,
    take: async () => ofServing()?.taking,
  };
}

// --- Internal helpers ---

async function countStats(index: ItemIndex, catalogue: Pick<Catalogue, 'getMany'>): Promise<IndexStats> {
  const bySource = new Map<string, number>();
  const ids = [...index.entries()].map(({ id }) => id);
  for (let start = 0; start < ids.length; start += BATCH) {
    for (const item of await catalogue.getMany(ids.slice(start, start + BATCH))) {
      if (item) bySource.set(item.source, 1 + (bySource.get(item.source) ?? 0));
    }
    await setImmediate();
  }
  return { bySource, recall: await sampleRecall(index) };
}
