/** What is recorded once the index of a run is current: the run itself, and the sources that it read. */

import type { Keyv } from 'keyv';
import type { KnownSource } from './known-sources.ts';
import type { RunCounts, RunHistory } from './run-history.ts';

export interface RunResult {
  /** Id of the run in the run history. */
  readonly id: string;
  readonly counts: RunCounts;
  readonly seconds: number;
  /** Records of the sources that were read, by name. */
  readonly read: Readonly<Record<string, KnownSource>>;
  /** Names of the sources that were removed. */
  readonly gone: readonly string[];
}

/** @param sources known sources, by name. @returns a function that records a result; calling it twice changes nothing. */
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
