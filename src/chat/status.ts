/** Reads the state of the bot: model, embedder, index, sources, last runs. */

import type { Embedder, EmbedderStatus } from '../embed/embedder.ts';
import type { Model } from '../embed/model.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { createIndexStatsReader } from '../reindex/index-stats.ts';
import type { Inventory } from '../reindex/inventory.ts';
import type { RunRecord } from '../reindex/run-history.ts';
import type { ItemIndex } from '../search/item-index.ts';
import type { SampledRecall } from '../search/sample-recall.ts';

export interface Status {
  readonly model: { readonly name: string; readonly version: string; readonly head: string };
  readonly embedder: EmbedderStatus;
  readonly index: {
    readonly size: number;
    /** Distinct values of the label `type`. */
    readonly types: number;
    /** Undefined before the first index. */
    readonly createdAt: Date | undefined;
  };
  /** By name. `items`: undefined until counted. `readAt`: undefined until the source was read to its end once. */
  readonly sources: readonly {
    readonly name: string;
    readonly items: number | undefined;
    /** How many more items cannot be found, because they are out of stock. */
    readonly hidden: number;
    readonly readAt: Date | undefined;
  }[];
  /** The most frequent values of the label `type`. */
  readonly types: readonly { readonly value: string; readonly count: number }[];
  /** Undefined until measured. */
  readonly recall: SampledRecall | undefined;
  /** The last reindex runs, newest first. */
  readonly runs: readonly RunRecord[];
  readonly uptimeSeconds: number;
}

/** @param options `complete`: waits a second or two for the counting. Otherwise counting starts in the background and appears in the next call. */
export type ReadStatus = (options?: { readonly complete?: boolean }) => Promise<Status>;

export interface StatusDependencies {
  readonly model: Pick<Model, 'manifest'>;
  readonly embedder: Pick<Embedder, 'status'>;
  readonly index: () => ItemIndex | undefined;
  readonly inventory: Pick<Inventory, 'sources' | 'runs'>;
  readonly catalogue: Pick<Catalogue, 'getMany'>;
}

const SHOWN_TYPES = 8;
const SHOWN_RUNS = 5;

export function createStatus(dependencies: StatusDependencies): ReadStatus {
  const { model, embedder, index, inventory } = dependencies;
  const stats = createIndexStatsReader(dependencies);
  const { name, version, head } = model.manifest;
  return async ({ complete = false } = {}) => {
    const counted = complete ? await stats.take() : stats.known();
    const [sources, runs] = await Promise.all([inventory.sources(), inventory.runs()]);
    const current = index();
    const types = current?.labelCounts().get('type');
    return {
      model: { name, version, head },
      embedder: embedder.status(),
      index: { size: current?.size ?? 0, types: types?.size ?? 0, createdAt: current?.createdAt },
      sources: [...sources].map(([source, { readAt, hidden = 0 }]) => ({
        name: source,
        items: counted && (counted.bySource.get(source) ?? 0),
        hidden,
        readAt: readAt === null ? undefined : new Date(readAt),
      })),
      types: [...(types ?? [])].slice(0, SHOWN_TYPES).map(([value, count]) => ({ value, count })),
      recall: counted?.recall,
      runs: runs.slice(0, SHOWN_RUNS),
      uptimeSeconds: process.uptime(),
    };
  };
}
