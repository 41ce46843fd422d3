/** First step of a reindex or a plan: loads what the inventory holds before any source is read. */

import { setMaxListeners } from 'node:events';
import type { Item } from '../catalogue/item.ts';
import type { Source } from '../sources/source.ts';
import type { Reading } from './read-sources.ts';
import type { PlanOptions } from './reindex-options.ts';
import type { ReindexerDependencies } from './reindexer-dependencies.ts';

export interface InventoryState {
  /** The whole catalogue, by id. */
  readonly before: ReadonlyMap<string, Item>;
  /** Items of the sources that stay as they are. */
  readonly kept: readonly Item[];
  /** Number of records that the sources announce. */
  readonly records: number;
}

/** Longer than a disk takes to wake up or a download to be retried, shorter than a moderator's patience. */
const PATIENCE_MS = 120_000;

export async function loadState(
  { catalogue }: ReindexerDependencies,
  sources: readonly Source[],
  { keep = [], signal }: PlanOptions,
): Promise<InventoryState> {
  // Every record in progress listens to the signal; that many listeners are no leak.
  if (signal) setMaxListeners(0, signal);
  const before = new Map<string, Item>();
  for await (const item of catalogue.list()) before.set(item.id, item);
  const read = new Set(sources.map((source) => source.name));
  const kept = [...before.values()].filter((item) => keep.includes(item.source) && !read.has(item.source));
  return { before, kept, records: sources.reduce((sum, source) => sum + source.count, 0) };
}

/** How the sources are to be read, given the items that stay as they are. */
export function readingOptions(
  { patienceMs = PATIENCE_MS }: ReindexerDependencies,
  kept: readonly Item[],
  { pause, signal }: PlanOptions,
): Pick<Reading, 'owners' | 'firstRow' | 'pause' | 'signal' | 'patienceMs'> {
  const owners = new Map(kept.map((item) => [item.id, item.source]));
  return { owners, firstRow: kept.length, pause, signal, patienceMs };
}
