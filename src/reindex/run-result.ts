/** What is written down of a run once its index counts: its record, and what is known of its sources. */

import type { Keyv } from 'keyv';
import type { KnownSource } from './known-sources.ts';
import type { RunCounts, RunHistory } from './run-history.ts';

export interface RunResult {
  /** Of its record. */
  readonly id: string;
  readonly counts: RunCounts;
  readonly seconds: number;
  /** Sources that were read, by name. */
  readonly read: Readonly<Record<string, KnownSource>>;
  /** Names of sources that left. */
  readonly gone: readonly string[];
}

/** @param sources known ones, by name. @returns what writes a result down; doing it twice changes nothing. */
export function createResultWriter(
  sources: Keyv<KnownSource>,
  history: Pick<RunHistory, 'finish'>,
): (result: RunResult) => Promise<void> {
  return async ({ id, counts, seconds, read, gone }) => {
    for (const [name, source] of Object.entries(read)) await sources.set(name, source);
    for (const name of gone) await sources.delete(name);
    await history.finish(id, counts, seconds);
  };
}
