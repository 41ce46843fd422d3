/** The inventory as an operator sees it: named sources that are imported, read again and removed. */

import type { Keyv } from 'keyv';
import { resolve } from 'node:path';
import { OperatorError } from '../errors.ts';
import { entriesOf } from '../store/store.ts';
import type { Reindexer, ReindexOptions, ReindexSummary } from './reindexer.ts';
import { openSource } from './sources/open-source.ts';
import type { Source } from './sources/source.ts';

export type RunOptions = Pick<ReindexOptions, 'signal' | 'onProgress'>;

/** Where a source was read from. */
export interface KnownSource {
  /** Absolute. */
  readonly path: string;
  /** ISO 8601; null while its first import has not come to an end. */
  readonly readAt: string | null;
}

export interface Inventory {
  /**
   * Reads a folder, table or data set and replaces what this source brought before; other sources stay,
   * except the demo inventory, which leaves as soon as there is an inventory of one's own.
   * @param name default: the base name of the path.
   * @throws {OperatorError} when the path is no source, or nothing in it could be used.
   */
  import(
    path: string,
    options?: RunOptions & { readonly name?: string | undefined },
  ): Promise<ReindexSummary>;
  /** Reads every known source again. @throws {OperatorError} when there is none, or one cannot be read any more. */
  reindex(options?: RunOptions): Promise<ReindexSummary>;
  /** Takes a source and its items out. @throws {OperatorError} for an unknown name, or the last source. */
  remove(name: string, options?: RunOptions): Promise<ReindexSummary>;
  /** Known sources by name. */
  sources(): Promise<Map<string, KnownSource>>;
}

export interface InventoryDependencies {
  readonly reindexer: Reindexer;
  readonly records: Keyv<KnownSource>;
}

interface OpenedSource {
  readonly source: Source;
  readonly path: string;
}

/** Name of the source that ships. */
export const DEMO_SOURCE = 'demo';

export function createInventory({ reindexer, records }: InventoryDependencies): Inventory {
  async function known(): Promise<Map<string, KnownSource>> {
    const found = new Map<string, KnownSource>();
    for await (const [name, record] of entriesOf(records)) found.set(name, record);
    return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** @param drop sources that leave; all other known ones stay. */
  async function run(
    opened: readonly OpenedSource[],
    drop: readonly string[],
    options: RunOptions,
  ): Promise<ReindexSummary> {
    const names = opened.map(({ source }) => source.name);
    try {
      const before = await known();
      // Known before its items are: whatever ends this process, the next one can tell whose items it finds.
      for (const { source, path } of opened) {
        await records.set(source.name, { path, readAt: before.get(source.name)?.readAt ?? null });
      }
      const keep = [...before.keys()].filter((name) => !drop.includes(name));
      const sources = opened.map(({ source }) => source);
      const summary = await reindexer.run(sources, { ...options, keep }).catch(async (error: unknown) => {
        // Nothing could be used: a source that never brought anything is not remembered.
        if (error instanceof OperatorError && !options.signal?.aborted) {
          for (const name of names.filter((name) => !before.has(name))) await records.delete(name);
        }
        throw error;
      });
      const readAt = new Date().toISOString();
      for (const { source, path } of opened) await records.set(source.name, { path, readAt });
      for (const name of drop) await records.delete(name);
      return summary;
    } finally {
      await Promise.all(opened.map(({ source }) => source.close()));
    }
  }

  return {
    async import(path, { name, ...options } = {}) {
      const absolute = resolve(path);
      const source = await openSource(absolute, name === undefined ? {} : { name });
      const drop = source.name !== DEMO_SOURCE && (await known()).has(DEMO_SOURCE) ? [DEMO_SOURCE] : [];
      return run([{ source, path: absolute }], drop, options);
    },

    async reindex(options = {}) {
      const sources = await known();
      if (sources.size === 0) {
        throw new OperatorError(
          'There is no source to read again. Import one first: npm run inventory -- import PATH',
        );
      }
      // All are opened before anything is touched, so that a bad one is named at once.
      const opened: OpenedSource[] = [];
      try {
        for (const [name, { path }] of sources)
          opened.push({ source: await openSource(path, { name }), path });
      } catch (error) {
        await Promise.all(opened.map(({ source }) => source.close()));
        throw error;
      }
      return run(opened, [], options);
    },

    async remove(name, options = {}) {
      const names = [...(await known()).keys()];
      if (!names.includes(name)) {
        throw new OperatorError(
          `There is no source "${name}". Known sources: ${names.join(', ') || 'none'}.`,
        );
      }
      if (names.length === 1) {
        throw new OperatorError(
          `"${name}" is the only source, and an inventory cannot be empty. Import another one first.`,
        );
      }
      return run([], [name], options);
    },

    sources: known,
  };
}
