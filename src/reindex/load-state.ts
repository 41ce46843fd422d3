/** What there is before a reindex or a plan reads anything. */

import { setMaxListeners } from 'node:events';
import type { Item } from '../catalogue/item.ts';
import type { Reading } from './read-sources.ts';
import type { PlanOptions, ReindexerDependencies } from './reindexer.ts';
import type { Source } from '../sources/source.ts';

/** Longer than a disk sleeps or a download is retried, shorter than a moderator's patience. */
const PATIENCE_MS = 120_000;

/** Which items stay as they are, and how many may come. */
export async function openingState(
  { catalogue }: ReindexerDependencies,
  sources: readonly Source[],
  { keep = [], signal }: PlanOptions,
): Promise<{ before: Map<string, Item>; kept: Item[]; known: number }> {
  // Every record in work listens; that many listeners are no leak.
  if (signal) setMaxListeners(0, signal);
  const before = new Map<string, Item>();
  for await (const item of catalogue.list()) before.set(item.id, item);
  const read = new Set(sources.map((source) => source.name));
  const kept = [...before.values()].filter((item) => keep.includes(item.source) && !read.has(item.source));
  return { before, kept, known: sources.reduce((sum, source) => sum + source.count, 0) };
}

export function readingOf(
  { patienceMs = PATIENCE_MS }: ReindexerDependencies,
  kept: readonly Item[],
  { pause, signal }: PlanOptions,
): Pick<Reading, 'owners' | 'first' | 'pause' | 'signal' | 'patienceMs'> {
  const owners = new Map(kept.map((item) => [item.id, item.source]));
  return { owners, first: kept.length, pause, signal, patienceMs };
}
