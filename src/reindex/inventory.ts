/** The inventory as an operator sees it: named sources that are imported, read again and removed. */

import type { Keyv } from 'keyv';
import { basename, extname, resolve } from 'node:path';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { ItemIndex } from '../search/item-index.ts';
import { isWebAddress } from '../sources/open-source.ts';
import type { Source } from '../sources/source.ts';
import { OperatorError } from '../util/errors.ts';
import { earlierExport } from './earlier-export.ts';
import { DEMO_SOURCE, type ImportSettings, type KnownSource, knownSources } from './known-sources.ts';
import { type DuplicateGroup, listDuplicates } from './list-duplicates.ts';
import { closeAll, openSources, type OpenSourcesDependencies } from './open-sources.ts';
import type { PlanOptions, ReindexOptions } from './reindex-options.ts';
import type { ReindexPlan } from './reindex-plan.ts';
import type { ReindexSummary } from './reindex-summary.ts';
import type { Reindexer, ReindexSession } from './reindexer.ts';
import type { RunHistory, RunKind, RunRecord } from './run-history.ts';
import { runSources, type SourcesRun } from './run-sources.ts';

export interface RunOptions extends Omit<ReindexOptions, 'keep' | 'full' | 'refuseEmpty' | 'resultOf'> {
  /** Who asked for the run, as its record will say. Default: `unknown`. */
  readonly who?: string | undefined;
}

export interface ImportOptions extends RunOptions {
  /** Name of the source. Default: the base name of the path, or the host of the address. */
  readonly name?: string | undefined;
  /** How to read it. Default: as the source of this name was read before. */
  readonly settings?: ImportSettings | undefined;
  /** Called once the source is open, before it is read. */
  readonly onOpened?:
    ((source: Pick<Source, 'name' | 'description' | 'count' | 'columns'>) => void) | undefined;
}

export interface FullRunOptions extends RunOptions {
  /** Embeds every picture again. */
  readonly full?: boolean | undefined;
}

export interface Inventory {
  /**
   * Reads a folder, table, data set or product feed and replaces what this source brought before. Other sources stay, except
   * the demo inventory, which is removed as soon as there is another source.
   * @param path a path, or the http or https address of a feed.
   * @throws {OperatorError} when the path is not a source, or nothing in it could be used.
   * @throws {ShrinkGuardError} when the source is known and would lose many items, unless that loss is `confirmed`.
   */
  import(path: string, options?: ImportOptions): Promise<ReindexSummary>;
  /**
   * Reads every imported source and every source of the source file again. A source that is no longer in the file is removed.
   * @throws {OperatorError} when there is no source, the file is not valid, or a source can no longer be read.
   * @throws {ShrinkGuardError} when a source lost more than a fifth of its items, unless that loss is `confirmed`.
   */
  reindex(options?: FullRunOptions): Promise<ReindexSummary>;
  /** What `reindex` would change. Writes nothing. @throws {OperatorError} as `reindex`. */
  plan(options?: Omit<PlanOptions, 'keep'>): Promise<ReindexPlan>;
  /** Removes a source and its items. @throws {OperatorError} for an unknown name, and for the only source. */
  remove(name: string, options?: RunOptions): Promise<ReindexSummary>;
  /** Known sources, by name. */
  sources(): Promise<Map<string, KnownSource>>;
  /** Number of items in the catalogue that are not hidden, by source. They are only found once there is an index. */
  catalogued(): Promise<Map<string, number>>;
  /** Items whose pictures are the same or nearly so, according to the index that serves. */
  duplicates(): DuplicateGroup[];
  /** The last runs that changed the inventory or tried to, newest first. */
  runs(): Promise<RunRecord[]>;
}

export interface InventoryDependencies extends OpenSourcesDependencies {
  readonly reindexer: Pick<Reindexer, 'exclusively'>;
  /** Known sources, by name. */
  readonly records: Keyv<KnownSource>;
  readonly history: RunHistory;
  readonly catalogue: Pick<Catalogue, 'list'>;
  /** The index that serves now. */
  readonly index: () => ItemIndex | undefined;
}

/** @throws {OperatorError} that names the words which tell whether an export replaces an earlier one. */
function refuseNewerExport(path: string, known: ReadonlyMap<string, KnownSource>): void {
  const imported = [...known].filter(([, { listed }]) => !listed).map(([name]) => name);
  const earlier = earlierExport(path, imported);
  if (earlier === undefined) return;
  throw new OperatorError(
    `${basename(path)} looks like another export of the source "${earlier}". Nothing was changed. To replace that source, add --name "${earlier}"; ` +
      `to keep both, add --name "${defaultName(path)}".`,
  );
}

function defaultName(path: string): string {
  return isWebAddress(path) && URL.canParse(path) ? new URL(path).host : basename(path, extname(path));
}

export function createInventory(dependencies: InventoryDependencies): Inventory {
  const { reindexer, records, history, catalogue, index, openSource, listedSources } = dependencies;

  /** Runs under the lock and records it. If another run holds the lock, nothing is recorded. */
  function recorded(
    kind: RunKind,
    { who = 'unknown', full = false, signal }: FullRunOptions,
    prepare: () => Promise<Omit<SourcesRun, 'id'>>,
  ): Promise<ReindexSummary> {
    return reindexer.exclusively((session) =>
      history.record({ kind, full, who }, signal, async (id) => {
        // Recovery may change which sources are known.
        await session.recover();
        return runSources(session, records, { id, ...(await prepare()) });
      }),
    );
  }

  /** A source of the source file is only changed there. */
  async function refuseListed(name: string): Promise<void> {
    if ((await listedSources())?.some((source) => source.name === name)) {
      throw new OperatorError(
        `"${name}" is a source of the source file. Change it there, then run: npm run inventory -- reindex`,
      );
    }
  }

  async function openImport(
    path: string,
    { name, settings: given, onOpened, ...options }: ImportOptions,
  ): Promise<Omit<SourcesRun, 'id'>> {
    const absolute = isWebAddress(path) ? path : resolve(path);
    const { signal } = options;
    if (name !== undefined) await refuseListed(name);
    const known = await knownSources(records);
    if (name === undefined) refuseNewerExport(absolute, known);
    const settings = given ?? known.get(name ?? defaultName(absolute))?.settings;
    const source = await openSource(absolute, {
      ...(name !== undefined && { name }),
      ...(settings && { settings }),
      ...(signal && { signal }),
    });
    await refuseListed(source.name).catch(async (error: unknown) => {
      await source.close();
      throw error;
    });
    onOpened?.(source);
    const dropDemo = source.name !== DEMO_SOURCE && known.has(DEMO_SOURCE);
    return {
      opened: [{ source, path: absolute, ...(settings && Object.keys(settings).length > 0 && { settings }) }],
      drop: dropDemo ? [DEMO_SOURCE] : [],
      options: { ...options, refuseEmpty: true },
    };
  }

  async function openRemoval(name: string, options: RunOptions): Promise<Omit<SourcesRun, 'id'>> {
    const names = [...(await knownSources(records)).keys()];
    if (!names.includes(name)) {
      throw new OperatorError(`There is no source "${name}". Known sources: ${names.join(', ') || 'none'}.`);
    }
    await refuseListed(name);
    if (names.length === 1) {
      throw new OperatorError(
        `"${name}" is the only source, and an inventory cannot be empty. Import another one first.`,
      );
    }
    return { opened: [], drop: [name], options };
  }

  async function plan(session: ReindexSession, options: Omit<PlanOptions, 'keep'>): Promise<ReindexPlan> {
    await session.recover();
    const { opened } = await openSources(await knownSources(records), dependencies, options.signal);
    try {
      return await session.plan(
        opened.map(({ source }) => source),
        options,
      );
    } finally {
      await closeAll(opened);
    }
  }

  return {
    import: (path, options = {}) => recorded('import', options, () => openImport(path, options)),

    reindex: (options = {}) =>
      recorded('reindex', options, async () => ({
        ...(await openSources(await knownSources(records), dependencies, options.signal)),
        options,
      })),

    plan: (options = {}) => reindexer.exclusively((session) => plan(session, options)),

    remove: (name, options = {}) => recorded('remove', options, () => openRemoval(name, options)),

    sources: () => knownSources(records),

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
