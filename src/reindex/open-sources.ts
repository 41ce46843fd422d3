/** Opens what a reindex reads: the sources of the source file and the imported ones. */

import { OperatorError } from '../util/errors.ts';
import { DEMO_SOURCE, type KnownSource } from './known-sources.ts';
import { type OpenSourceOptions, displayLocation } from '../sources/open-source.ts';
import type { ListedSource } from '../sources/source-file.ts';
import type { Source } from '../sources/source.ts';

export interface OpenSourcesDependencies {
  readonly openSource: (location: string, options: OpenSourceOptions) => Promise<Source>;
  /** The sources of the source file; undefined when there is no such file. */
  readonly listedSources: () => Promise<readonly ListedSource[] | undefined>;
}

/** An opened source and what its record will hold, except for the results of reading it. */
export interface OpenedSource extends Omit<KnownSource, 'readAt' | 'hidden'> {
  readonly source: Source;
}

/** The sources that a reindex reads, and the names of those that it removes. */
export interface OpenedSources {
  readonly opened: readonly OpenedSource[];
  readonly drop: readonly string[];
}

/**
 * Opens every source of the source file and every imported one before anything is changed, so that a bad one is reported at once.
 * @param before known sources, by name.
 * @throws {OperatorError} when there is no source, or one cannot be opened; then none stays open.
 */
export async function openSources(
  before: ReadonlyMap<string, KnownSource>,
  { listedSources, openSource }: OpenSourcesDependencies,
  signal: AbortSignal | undefined,
): Promise<OpenedSources> {
  const list = await listedSources();
  const orphaned = [...before].filter(([, record]) => record.listed).map(([name]) => name);
  if (!list && orphaned.length > 0) {
    throw new OperatorError(
      `The source file that lists ${orphaned.join(', ')} is missing. Put it back, set INVENTORY_FILE to where it is, ` +
        'or remove these sources: npm run inventory -- remove NAME',
    );
  }
  const names = new Set(list?.map(({ name }) => name));
  const drop = orphaned.filter((name) => !names.has(name));
  // The demo inventory is removed as soon as there is another source.
  if (names.size > 0 && before.has(DEMO_SOURCE) && !names.has(DEMO_SOURCE)) drop.push(DEMO_SOURCE);
  const imported = [...before].filter(([name]) => !names.has(name) && !drop.includes(name));
  const wanted: (ListedSource & { listed?: true })[] = [
    ...imported.map(([name, { path, settings = {} }]) => ({ name, location: path, settings })),
    ...(list ?? []).map((source) => ({ ...source, listed: true as const })),
  ];
  if (wanted.length === 0) {
    throw new OperatorError(
      'There is no source to read again. Import one first: npm run inventory -- import PATH',
    );
  }
  const opened: OpenedSource[] = [];
  try {
    for (const { name, location, settings, listed } of wanted.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const source = await openSource(location, { name, settings, ...(signal && { signal }) }).catch(
        (error: unknown) => {
          throw error instanceof OperatorError
            ? new OperatorError(`Source "${name}": ${error.message}`, { cause: error })
            : error;
        },
      );
      // The location of a listed source is always read from the source file; its record only serves to show it.
      opened.push({
        source,
        path: listed ? displayLocation(location) : location,
        ...(listed ? { listed } : Object.keys(settings).length > 0 && { settings }),
      });
    }
    return { opened, drop };
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
}

export async function closeAll(opened: readonly OpenedSource[]): Promise<void> {
  await Promise.all(opened.map(({ source }) => source.close()));
}
