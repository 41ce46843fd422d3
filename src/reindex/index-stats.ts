/** Statistics that need a look at every item: items per source, and recall of the index. Counted once per index, in the background. */

import { setImmediate } from 'node:timers/promises';
import { ClosedError } from '../util/errors.ts';
import type { ItemIndex } from '../search/item-index.ts';
import { type SampledRecall, sampleRecall } from '../search/sample-recall.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';

export interface IndexStats {
  /** Searchable items, by source. */
  readonly bySource: ReadonlyMap<string, number>;
  /** Undefined for an empty index. */
  readonly recall: SampledRecall | undefined;
}

export interface IndexStatsReader {
  /** Statistics of the index that serves, if they are counted. Otherwise counting starts in the background. */
  known(): IndexStats | undefined;
  /** Waits for them: a second or two for 44,441 items. Undefined when there is no index, or it has just been replaced. */
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

  function beginCounting(of: ItemIndex): NonNullable<typeof current> {
    const taking = countStats(of, catalogue).then(
      (stats) => {
        begun.stats = stats;
        return stats;
      },
      (error: unknown) => {
        if (current === begun) current = undefined;
        // Another index took over; it will be counted when somebody asks for it.
        if (error instanceof ClosedError) return undefined;
        throw error;
      },
    );
    // The failure reaches the callers of `take`; it must not be an unhandled rejection as well.
    taking.catch(() => undefined);
    const begun: NonNullable<typeof current> = { of, taking };
    return begun;
  }

  function forServingIndex(): typeof current {
    const serving = index();
    if (!serving) return undefined;
    if (current?.of !== serving) current = beginCounting(serving);
    return current;
  }

  return {
    known: () => forServingIndex()?.stats,
    take: async () => forServingIndex()?.taking,
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
