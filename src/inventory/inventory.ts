/** The inventory as an operator sees it: named sources that are imported, read again and removed. */

import type { Keyv } from 'keyv';
import { resolve } from 'node:path';
import { OperatorError } from '../errors.ts';
import type { ItemIndex } from '../search/item-index.ts';
import { entriesOf } from '../store/store.ts';
import { type DuplicateGroup, duplicateGroups } from './duplicates.ts';
import type { ReindexPlan } from './reindex-plan.ts';
import type { PlanOptions, Reindexer, ReindexOptions, ReindexSummary } from './reindexer.ts';
import type { RunHistory, RunKind, RunRecord } from './run-history.ts';
import { isWebAddress, type OpenSourceOptions, shownPlace } from './sources/open-source.ts';
import type { ListedSource } from './sources/source-file.ts';
import type { Source } from './sources/source.ts';

export interface RunOptions extends Omit<ReindexOptions, 'keep' | 'full'> {
  /** Who asks, as the run's record will name them. Default: `unknown`. */
  readonly who?: string | undefined;
}

/** Where a source was read from. */
export interface KnownSource {
  /** Absolute, or a web address: show `shownPlace` of it, the rest may hold secrets. */
  readonly path: string;
  /** It came from the source file, and leaves with it. */
  readonly listed?: true;
  /** ISO 8601; null while its first import has not come to an end. */
  readonly readAt: string | null;
  /** Its items that are not to be found, being out of stock; absent: none. */
  readonly hidden?: number;
}

export interface Inventory {
  /**
   * Reads a folder, table, data set or product feed and replaces what this source brought before; other sources stay,
   * except the demo inventory, which leaves as soon as there is an inventory of one's own.
   * @param path a path, or the http or https address of a feed.
   * @param name default: the base name of the path, the host of an address.
   * @throws {OperatorError} when the path is no source, or nothing in it could be used.
   * @throws {LargeLossError} when a source of this name is known and would lose much, unless that loss is `confirmed`.
   */
  import(
    path: string,
    options?: RunOptions & { readonly name?: string | undefined },
  ): Promise<ReindexSummary>;
  /**
   * Reads every imported source again, and every one of the source file. One that has left the file is taken out.
   * @throws {OperatorError} when there is none, the file is not valid, or a source cannot be read any more.
   * @throws {LargeLossError} when one lost more than a fifth of its items, unless that loss is `confirmed`.
   */
  reindex(options?: RunOptions & { readonly full?: boolean | undefined }): Promise<ReindexSummary>;
  /** What `reindex` would change. Writes nothing. @throws {OperatorError} as `reindex`. */
  plan(options?: Omit<PlanOptions, 'keep'>): Promise<ReindexPlan>;
  /** Takes a source and its items out. @throws {OperatorError} for an unknown name, or the last source. */
  remove(name: string, options?: RunOptions): Promise<ReindexSummary>;
  /** Known sources by name. */
  sources(): Promise<Map<string, KnownSource>>;
  /** Items whose pictures are the same or nearly so, as the index that serves knows them. */
  duplicates(): DuplicateGroup[];
  /** The last runs that changed something or tried to, newest first. */
  runs(): Promise<RunRecord[]>;
}

export interface InventoryDependencies {
  readonly reindexer: Reindexer;
  readonly records: Keyv<KnownSource>;
  readonly openSource: (place: string, options: OpenSourceOptions) => Promise<Source>;
  /** What the source file lists; undefined when there is none. */
  readonly listed: () => Promise<readonly ListedSource[] | undefined>;
  readonly history: RunHistory;
  /** The index that serves now. */
  readonly index: () => ItemIndex | undefined;
}

/** A source and what is remembered of it, apart from its time. */
interface OpenedSource extends Omit<KnownSource, 'readAt' | 'hidden'> {
  readonly source: Source;
}

/** What a reindex reads, and which sources leave with it. */
interface OpenedSources {
  readonly opened: readonly OpenedSource[];
  readonly drop: readonly string[];
}

/** Name of the source that ships. */
export const DEMO_SOURCE = 'demo';

export function createInventory({
  reindexer,
  records,
  history,
  index,
  openSource,
  listed,
}: InventoryDependencies): Inventory {
  let running = false;

  async function known(): Promise<Map<string, KnownSource>> {
    const found = new Map<string, KnownSource>();
    for await (const [name, record] of entriesOf(records)) found.set(name, record);
    return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Refused before anything is recorded when another run is under way. */
  async function recorded(
    kind: RunKind,
    { who = 'unknown', full = false, signal }: RunOptions & { readonly full?: boolean | undefined },
    work: () => Promise<ReindexSummary>,
  ): Promise<ReindexSummary> {
    if (running)
      throw new OperatorError('A reindex is already running. Wait for it to end, or cancel it first.');
    running = true;
    try {
      return await history.record({ kind, full, who }, signal, work);
    } finally {
      running = false;
    }
  }

  /** Every source of the source file and every imported one, all opened before anything is touched, so that a bad one is named at once. */
  async function openAll(signal: AbortSignal | undefined): Promise<OpenedSources> {
    const before = await known();
    const list = await listed();
    const orphaned = [...before].filter(([, record]) => record.listed).map(([name]) => name);
    if (!list && orphaned.length > 0) {
      throw new OperatorError(
        `The source file that lists ${orphaned.join(', ')} is not there. Put it back, set INVENTORY_FILE to where it is, ` +
          'or take these sources out: npm run inventory -- remove NAME',
      );
    }
    const names = new Set(list?.map(({ name }) => name));
    const drop = orphaned.filter((name) => !names.has(name));
    // The demo leaves as soon as there is an inventory of one's own.
    if (names.size > 0 && before.has(DEMO_SOURCE) && !names.has(DEMO_SOURCE)) drop.push(DEMO_SOURCE);
    const imported = [...before].filter(([name]) => !names.has(name) && !drop.includes(name));
    const wanted: (ListedSource & { listed?: true })[] = [
      ...imported.map(([name, { path }]) => ({ name, place: path, settings: {} })),
      ...(list ?? []).map((source) => ({ ...source, listed: true as const })),
    ];
    if (wanted.length === 0) {
      throw new OperatorError(
        'There is no source to read again. Import one first: npm run inventory -- import PATH',
      );
    }
    const opened: OpenedSource[] = [];
    try {
      for (const { name, place, settings, listed } of wanted.sort((a, b) => (a.name < b.name ? -1 : 1))) {
        const source = await openSource(place, { name, settings, ...(signal && { signal }) }).catch(
          (error: unknown) => {
            throw error instanceof OperatorError
              ? new OperatorError(`Source "${name}": ${error.message}`, { cause: error })
              : error;
          },
        );
        // Of a listed one the file tells the place; it is kept only to be shown.
        opened.push({ source, path: listed ? shownPlace(place) : place, ...(listed && { listed }) });
      }
      return { opened, drop };
    } catch (error) {
      await closeAll(opened);
      throw error;
    }
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
    opened: readonly OpenedSource[],
    drop: readonly string[],
    options: RunOptions,
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
      const summary = await reindexer.run(sources, { ...options, keep }).catch(async (error: unknown) => {
        // Refused, not cut short: sources are remembered as they were, and one that never brought anything is not.
        if (error instanceof OperatorError && !options.signal?.aborted) await restore(before, sources);
        throw error;
      });
      const readAt = new Date().toISOString();
      for (const { source, ...place } of opened) {
        const hidden = summary.hiddenBySource[source.name];
        await records.set(source.name, { ...place, readAt, ...(hidden !== undefined && { hidden }) });
      }
      for (const name of drop) await records.delete(name);
      return summary;
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
      recorded('import', options, async () => {
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
        return run([{ source, path: absolute }], drop, options);
      }),

    reindex: (options = {}) =>
      recorded('reindex', options, async () => {
        const { opened, drop } = await openAll(options.signal);
        return run(opened, drop, options);
      }),

    async plan(options = {}) {
      const { opened } = await openAll(options.signal);
      try {
        return await reindexer.plan(
          opened.map(({ source }) => source),
          options,
        );
      } finally {
        await closeAll(opened);
      }
    },

    remove: (name, options = {}) =>
      recorded('remove', options, async () => {
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
        return run([], [name], options);
      }),

    sources: known,
    runs: () => history.list(),

    duplicates() {
      const serving = index();
      return serving ? duplicateGroups(serving) : [];
    },
  };
}

// --- Internal helpers ---

async function closeAll(opened: readonly OpenedSource[]): Promise<void> {
  await Promise.all(opened.map(({ source }) => source.close()));
}
