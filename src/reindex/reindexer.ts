/** Brings the index up to date with sources, in five steps: load, read, plan, build, publish. One reindex at a time. */

import { labelsToFilter } from '../catalogue/predicted-labels.ts';
import { fingerprintDigest } from '../embed/model.ts';
import { buildIndex, type IndexBuild } from '../search/index-builder.ts';
import type { IndexEntry } from '../search/item-index.ts';
import type { Source } from '../sources/source.ts';
import { OperatorError } from '../util/errors.ts';
import { createMutex } from '../util/mutex.ts';
import type { CatalogueChange } from './commit-log.ts';
import { createPlan } from './create-plan.ts';
import { type EmbeddedItems, embedItems } from './embed-items.ts';
import { findChanges, type FoundChanges } from './find-changes.ts';
import { createIndexPublisher, type IndexPublisher } from './index-publisher.ts';
import { type InventoryState, loadState } from './load-state.ts';
import { nothingUsable } from './nothing-usable.ts';
import { planReindex } from './plan-reindex.ts';
import type { Row } from './read-sources.ts';
import type { PlanOptions, ReindexOptions } from './reindex-options.ts';
import type { ReindexPlan } from './reindex-plan.ts';
import { type ReindexSummary, summaryOf } from './reindex-summary.ts';
import type { ReindexerDependencies } from './reindexer-dependencies.ts';
import { areConfirmed, ShrinkGuardError } from './shrink-guard.ts';

export interface ReindexSession {
  /**
   * Replaces the items of these sources with what the sources hold now. The old index serves until the new one is complete.
   * Stopping at any moment, by `signal` or by killing the process, loses neither the index nor a finished embedding.
   * @throws {ShrinkGuardError} when a source lost more than `MAX_LOSS` of its items, unless that loss is `confirmed`.
   * @throws {OperatorError} when a source stops answering, or nothing in the sources can be used.
   */
  run(sources: readonly Source[], options?: ReindexOptions): Promise<ReindexSummary>;
  /**
   * What `run` would change. Reads and decodes, and writes nothing.
   * @throws {OperatorError} as `run`.
   */
  plan(sources: readonly Source[], options?: PlanOptions): Promise<ReindexPlan>;
  /**
   * Brings the catalogue to the current index and records the run, if a process died between the two. To be called before
   * anything is served, and before `run` and `plan`.
   */
  recover(): Promise<void>;
}

/** Outside of `exclusively` each method is a session of its own; `run` and `plan` then recover first. */
export interface Reindexer extends ReindexSession {
  /**
   * The one lock of a reindex: nothing else reads or changes sources until `work` has settled.
   * @throws {OperatorError} at once when it is taken, and what `work` throws.
   */
  exclusively<T>(work: (session: ReindexSession) => Promise<T>): Promise<T>;
}

export function createReindexer(dependencies: ReindexerDependencies): Reindexer {
  const publisher = createIndexPublisher(dependencies);
  const mutex = createMutex();
  const session: ReindexSession = {
    run: (sources, options = {}) => reindex(dependencies, publisher, sources, options),
    plan: (sources, options = {}) => planReindex(dependencies, sources, options),
    recover: () => publisher.recover(),
  };

  async function exclusively<T>(work: (session: ReindexSession) => Promise<T>): Promise<T> {
    if (mutex.isLocked())
      throw new OperatorError('A reindex is already running. Wait for it to end, or cancel it first.');
    return mutex.run(() => work(session));
  }

  async function recovered<T>(work: () => Promise<T>): Promise<T> {
    return exclusively(async () => {
      await session.recover();
      return work();
    });
  }

  return {
    exclusively,
    run: (sources, options) => recovered(() => session.run(sources, options)),
    plan: (sources, options) => recovered(() => session.plan(sources, options)),
    recover: () => exclusively(() => session.recover()),
  };
}

// --- Internal helpers ---

async function reindex(
  dependencies: ReindexerDependencies,
  publisher: IndexPublisher,
  sources: readonly Source[],
  options: ReindexOptions,
): Promise<ReindexSummary> {
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  const state = await loadState(dependencies, sources, options);
  const items = await embedItems(dependencies, state, sources, options);
  const { plan, found, rows } = await planChanges(state, items, options, seconds);
  await options.pause?.wait(options.signal);

  const summary = (): ReindexSummary => summaryOf(plan, rows, seconds());
  let change = changeOf(dependencies, state, items, found, rows, options);
  const prepare = (generation: string): Promise<void> => {
    change = { ...change, result: options.resultOf?.(summary()) };
    return publisher.prepare(generation, change);
  };
  const build = await buildFrom(dependencies, rows, items.vectors, options, prepare);
  // Titles, prices and probabilities are not in the index, so they may have changed although the index has not.
  if (build.kind === 'unchanged') await prepare(build.generation);
  await publisher.commit(build, change, state.before);
  return summary();
}

/** Third step: what will change, refused when nothing is usable or a source lost more than anybody confirmed. */
async function planChanges(
  { before, records }: InventoryState,
  { kept, read, embedded }: EmbeddedItems,
  { refuseEmpty = false, confirmed = [] }: ReindexOptions,
  seconds: () => number,
): Promise<{ plan: ReindexPlan; found: FoundChanges; rows: readonly Row[] }> {
  const rows = [...kept.map((item, row) => ({ item, row })), ...read.rows];
  if (rows.every(({ item }) => item.hidden)) throw nothingUsable(records, rows.length, read);
  const found = await findChanges(before, kept, read, embedded);
  const plan = createPlan(found, rows, seconds());
  const isEmpty = read.rows.length === 0 && found.sources.every((source) => source.before === 0);
  if (refuseEmpty && isEmpty) throw nothingUsable(records, 0, read);
  if (!areConfirmed(plan.losses, confirmed)) throw new ShrinkGuardError(plan);
  return { plan, found, rows };
}

/** Fourth step: the next generation of the index, with every item that is not hidden. */
function buildFrom(
  { embedder, indexFolder, duplicateFrom }: ReindexerDependencies,
  rows: readonly Row[],
  vectors: Float32Array,
  { full = false, signal, onProgress }: ReindexOptions,
  beforeSwitch: (generation: string) => Promise<void>,
): Promise<IndexBuild> {
  const { fingerprint } = embedder;
  const shown = rows.filter(({ item }) => !item.hidden);
  closeGaps(vectors, shown, fingerprint.dimension);
  const count = shown.length;
  return buildIndex({
    folder: indexFolder,
    fingerprint,
    entries: shown.map(({ item }): IndexEntry => {
      const { id, picture } = item;
      return { id, picture, labels: labelsToFilter(item) };
    }),
    vectors: vectors.subarray(0, count * fingerprint.dimension),
    duplicateFrom,
    rebuild: full,
    ...(signal && { signal }),
    onProgress: ({ done, total }) =>
      onProgress?.({ phase: 'index', done: Math.floor((done / total) * count), total: count }),
    beforeSwitch,
  });
}

function changeOf(
  { embedder, predictions }: ReindexerDependencies,
  { before }: InventoryState,
  { relabelled }: EmbeddedItems,
  { updated, removed }: FoundChanges,
  rows: readonly Row[],
  { full = false }: ReindexOptions,
): CatalogueChange {
  const used = new Set(rows.map(({ item }) => item.picture));
  const orphans = new Set([...before.values()].map(({ picture }) => picture).filter((it) => !used.has(it)));
  return {
    set: updated,
    remove: removed.map(({ id }) => id),
    orphans: [...orphans],
    rebuild: full ? fingerprintDigest(embedder.fingerprint) : undefined,
    predictedBy: relabelled ? predictions.digest : undefined,
  };
}

/** Moves the vectors of these rows together, over the gaps of hidden and rejected items. Rows rise, so none is overwritten. */
function closeGaps(vectors: Float32Array, rows: readonly Row[], dimension: number): void {
  rows.forEach(({ row }, target) => {
    if (row !== target) vectors.copyWithin(target * dimension, row * dimension, (row + 1) * dimension);
  });
}
