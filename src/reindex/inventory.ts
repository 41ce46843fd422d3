/** The inventory as an operator sees it: named sources that are imported, read again and removed. */

import type { Keyv } from 'keyv';
import { resolve } from 'node:path';
import { OperatorError } from '../util/errors.ts';
import type { ItemIndex } from '../search/item-index.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { type DuplicateGroup, listDuplicates } from './list-duplicates.ts';
import { DEMO_SOURCE, type KnownSource, knownSources } from './known-sources.ts';
import { closeAll, type OpenedSource, openSources, type OpenSourcesDependencies } from './open-sources.ts';
import type { ReindexPlan } from './reindex-plan.ts';
import type { ReindexSummary } from './reindex-summary.ts';
import type { PlanOptions, Reindexer, ReindexOptions } from './reindexer.ts';
import { countsOf, type RunHistory, type RunKind, type RunRecord } from './run-history.ts';
import type { RunResult } from './run-result.ts';
import { isWebAddress } from '../sources/open-source.ts';
import type { Source } from '../sources/source.ts';

export interface RunOptions extends Omit<ReindexOptions, 'keep' | 'full' | 'refuseEmpty' | 'resultOf'> {
  /** Who asks, as the run's record will name them. Default: `unknown`. */
  readonly who?: string | undefined;
}

export interface Inventory {
  /**
   * Reads a folder, table, data set or product feed and replaces what this source brought before; other sources stay,
   * except the demo inventory, which leaves as soon as there is an inventory of one's own.
   * @param path a path, or the http or https address of a feed.
   * @param name default: the base name of the path, the host of an address.
   * @throws {OperatorError} when the path is no source, or nothing in it could be used.
   * @throws {ShrinkGuardError} when a source of this name is known and would lose much, unless that loss is `confirmed`.
   */
  import(
    path: string,
    options?: RunOptions & { readonly name?: string | undefined },
  ): Promise<ReindexSummary>;
  /**
   * Reads every imported source again, and every one of the source file. One that has left the file is taken out.
   * @throws {OperatorError} when there is none, the file is not valid, or a source cannot be read any more.
   * @throws {ShrinkGuardError} when one lost more than a fifth of its items, unless that loss is `confirmed`.
   */
  reindex(options?: RunOptions & { readonly full?: boolean | undefined }): Promise<ReindexSummary>;
  /** What `reindex` would change. Writes nothing. @throws {OperatorError} as `reindex`. */
  plan(options?: Omit<PlanOptions, 'keep'>): Promise<ReindexPlan>;
  /** Takes a source and its items out. @throws {OperatorError} for an unknown name, or the last source. */
  remove(name: string, options?: RunOptions): Promise<ReindexSummary>;
  /** Known sources by name. */
  sources(): Promise<Map<string, KnownSource>>;
  /** Items in the catalogue that are not hidden, by the name of their source; without an index nobody finds them. */
  catalogued(): Promise<Map<string, number>>;
  /** Items whose pictures are the same or nearly so, as the index that serves knows them. */
  duplicates(): DuplicateGroup[];
  /** The last runs that changed something or tried to, newest first. */
  runs(): Promise<RunRecord[]>;
}

export interface InventoryDependencies extends OpenSourcesDependencies {
  readonly reindexer: Reindexer;
  readonly records: Keyv<KnownSource>;
  readonly history: RunHistory;
  readonly catalogue: Pick<Catalogue, 'list'>;
  /** The index that serves now. */
  readonly index: () => ItemIndex | undefined;
}

export function createInventory(dependencies: InventoryDependencies): Inventory {
  const { reindexer, records, history, catalogue, index, openSource, listed } = dependencies;
  let running = false;

  const known = () => knownSources(records);

  async function alone<T>(work: () => Promise<T>): Promise<T> {
    if (running)
      throw new OperatorError('A reindex is already running. Wait for it to end, or cancel it first.');
    running = true;
    try {
      return await work();
    } finally {
      running = false;
    }
  }

  /** Refused before anything is recorded when another run is under way. */
  async function recorded(
    kind: RunKind,
    { who = 'unknown', full = false, signal }: RunOptions & { readonly full?: boolean | undefined },
    work: (id: string) => Promise<ReindexSummary>,
  ): Promise<ReindexSummary> {
    return alone(() =>
      history.record({ kind, full, who }, signal, async (id) => {
        // Which sources are known may depend on it.
        await reindexer.recover();
        return work(id);
      }),
    );
  }

  /** A source of the source file is changed there, nowhere else. */
  async function refuseListed(name: string): Promise<void> {
    if ((await listed())?.some((source) => source.name === name)) {
      throw new OperatorError(
        `"${name}" is a source of the source file. Change it there, then run: npm run inventory -- reindex`,
      );
    }
  }

  /** @param drop sources that leave; all other known ones stay. */
  async function run(
    id: string,
    opened: readonly OpenedSource[],
    drop: readonly string[],
    options: Omit<ReindexOptions, 'keep' | 'resultOf'>,
  ): Promise<ReindexSummary> {
    try {
      const before = await known();
      // Known before its items are: whatever ends this process, the next one can tell whose items it finds.
      for (const { source, ...place } of opened) {
        const { readAt = null, hidden } = before.get(source.name) ?? {};
        await records.set(source.name, { ...place, readAt, ...(hidden !== undefined && { hidden }) });
      }
      const keep = [...before.keys()].filter((name) => !drop.includes(name));
      const sources = opened.map(({ source }) => source);
      const resultOf = (summary: ReindexSummary): RunResult => {
        const readAt = new Date().toISOString();
        const read = opened.map(({ source: { name }, ...place }) => {
          const hidden = summary.hiddenBySource[name];
          return [name, { ...place, readAt, ...(hidden !== undefined && { hidden }) }] as const;
        });
        const { seconds } = summary;
        return { id, counts: countsOf(summary), seconds, read: Object.fromEntries(read), gone: drop };
      };
      return await reindexer.run(sources, { ...options, keep, resultOf }).catch(async (error: unknown) => {
        // Refused, not cut short: sources are remembered as they were, and one that never brought anything is not.
        if (error instanceof OperatorError && !options.signal?.aborted) await restore(before, sources);
        throw error;
      });
    } finally {
      await closeAll(opened);
    }
  }

  async function restore(
    before: ReadonlyMap<string, KnownSource>,
    sources: readonly Source[],
  ): Promise<void> {
    for (const { name } of sources) {
      const record = before.get(name);
      if (record) await records.set(name, record);
      else await records.delete(name);
    }
  }

  return {
    import: (path, { name, ...options } = {}) =>
      recorded('import', options, async (id) => {
        const absolute = isWebAddress(path) ? path : resolve(path);
        const { signal } = options;
        if (name !== undefined) await refuseListed(name);
        const source = await openSource(absolute, {
          ...(name !== undefined && { name }),
          ...(signal && { signal }),
        });
        await refuseListed(source.name).catch(async (error: unknown) => {
          await source.close();
          throw error;
        });
        const drop = source.name !== DEMO_SOURCE && (await known()).has(DEMO_SOURCE) ? [DEMO_SOURCE] : [];
        return run(id, [{ source, path: absolute }], drop, { ...options, refuseEmpty: true });
      }),

    reindex: (options = {}) =>
      recorded('reindex', options, async (id) => {
        const { opened, drop } = await openSources(await known(), dependencies, options.signal);
        return run(id, opened, drop, options);
      }),

    plan: (options = {}) =>
      alone(async () => {
        await reindexer.recover();
        const { opened } = await openSources(await known(), dependencies, options.signal);
        try {
          return await reindexer.plan(
            opened.map(({ source }) => source),
            options,
          );
        } finally {
          await closeAll(opened);
        }
      }),

    remove: (name, options = {}) =>
      recorded('remove', options, async (id) => {
        const names = [...(await known()).keys()];
        if (!names.includes(name)) {
          throw new OperatorError(
            `There is no source "${name}". Known sources: ${names.join(', ') || 'none'}.`,
          );
        }
        await refuseListed(name);
        if (names.length === 1) {
          throw new OperatorError(
            `"${name}" is the only source, and an inventory cannot be empty. Import another one first.`,
          );
        }
        return run(id, [], [name], options);
      }),

    sources: known,

    async catalogued() {
      const counts = new Map<string, number>();
      for await (const { source, hidden } of catalogue.list())
        if (!hidden) counts.set(source, 1 + (counts.get(source) ?? 0));
      return counts;
    },

    runs: () => history.list(),

    duplicates() {
      const serving = index();
      return serving ? listDuplicates(serving) : [];
    },
  };
}
