/** One run over opened sources: remembers the sources, reindexes them, and closes them. */

import type { Keyv } from 'keyv';
import { OperatorError } from '../util/errors.ts';
import { type KnownSource, knownSources } from './known-sources.ts';
import { closeAll, type OpenedSource } from './open-sources.ts';
import type { ReindexOptions } from './reindex-options.ts';
import type { ReindexSummary } from './reindex-summary.ts';
import type { ReindexSession } from './reindexer.ts';
import { countsOf } from './run-history.ts';
import type { RunResult } from './run-result.ts';

export interface SourcesRun {
  /** Id of the run in the run history. */
  readonly id: string;
  /** Read and closed by the run. */
  readonly opened: readonly OpenedSource[];
  /** Names of the sources that leave the inventory. All other known sources stay. */
  readonly drop: readonly string[];
  readonly options: Omit<ReindexOptions, 'keep' | 'resultOf'>;
}

/** @param records known sources, by name. */
export async function runSources(
  session: ReindexSession,
  records: Keyv<KnownSource>,
  { id, opened, drop, options }: SourcesRun,
): Promise<ReindexSummary> {
  try {
    const before = await knownSources(records);
    // A source is recorded before its items, so that after a crash the next process knows whose items it finds.
    for (const { source, ...place } of opened) {
      const { readAt = null, hidden } = before.get(source.name) ?? {};
      await records.set(source.name, { ...place, readAt, ...(hidden !== undefined && { hidden }) });
    }
    const keep = [...before.keys()].filter((name) => !drop.includes(name));
    const sources = opened.map(({ source }) => source);
    const resultOf = (summary: ReindexSummary): RunResult => resultFor(id, opened, drop, summary);
    return await session.run(sources, { ...options, keep, resultOf }).catch(async (error: unknown) => {
      // A run that was refused leaves the records as they were; one that was interrupted keeps the new sources.
      if (error instanceof OperatorError && !options.signal?.aborted) await restore(records, before, opened);
      throw error;
    });
  } finally {
    await closeAll(opened);
  }
}

// --- Internal helpers ---

function resultFor(
  id: string,
  opened: readonly OpenedSource[],
  gone: readonly string[],
  summary: ReindexSummary,
): RunResult {
  const readAt = new Date().toISOString();
  const read = opened.map(({ source: { name }, ...place }) => {
    const hidden = summary.hiddenBySource[name];
    return [name, { ...place, readAt, ...(hidden !== undefined && { hidden }) }] as const;
  });
  return { id, counts: countsOf(summary), seconds: summary.seconds, read: Object.fromEntries(read), gone };
}

async function restore(
  records: Keyv<KnownSource>,
  before: ReadonlyMap<string, KnownSource>,
  opened: readonly OpenedSource[],
): Promise<void> {
  for (const { source } of opened) {
    const record = before.get(source.name);
    if (record) await records.set(source.name, record);
    else await records.delete(source.name);
  }
}
