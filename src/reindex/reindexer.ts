/** Brings the index up to date with sources: reads, embeds what is new, builds aside, swaps. */

import { setImmediate } from 'node:timers/promises';
import type { Classifier } from '../embed/classifier.ts';
import type { Embedder } from '../embed/embedder.ts';
import { fingerprintDigest } from '../embed/model.ts';
import { OperatorError } from '../util/errors.ts';
import type { PhotoDecoder } from '../photo/decode-photo.ts';
import { buildIndex } from '../search/index-builder.ts';
import type { IndexEntry, ItemIndex } from '../search/item-index.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { createIndexPublisher } from './publish-index.ts';
import { createEmbeddings } from './embed-pictures.ts';
import type { EmbeddingCache } from './embedding-cache.ts';
import { findChanges, type FoundChanges } from './find-changes.ts';
import type { Item } from '../catalogue/item.ts';
import { areConfirmed, ShrinkGuardError, type Loss } from './shrink-guard.ts';
import { nothingUsable } from './nothing-usable.ts';
import { openingState, readingOf } from './opening-state.ts';
import type { PauseGate } from './pause-gate.ts';
import type { CatalogueChange, CommitLog } from './commit-log.ts';
import { labelsToFilter, withPredictedLabels } from '../catalogue/predicted-labels.ts';
import type { PictureStore } from '../catalogue/picture-store.ts';
import { planReindex } from './plan-reindex.ts';
import { readSources, type Row } from './read-sources.ts';
import { planOf, type ReindexPlan } from './reindex-plan.ts';
import { type ReindexSummary, summaryOf } from './reindex-summary.ts';
import type { RunResult } from './run-result.ts';
import type { ServingCatalogue } from '../catalogue/serving-catalogue.ts';
import type { Source } from '../sources/source.ts';

export interface ReindexProgress {
  /** `plan` and `embed` count records of the sources, `index` counts the items of the index. */
  readonly phase: 'plan' | 'embed' | 'index';
  readonly done: number;
  readonly total: number;
}

export interface PlanOptions {
  /** Further sources whose items stay as they are; the items of all others leave the inventory. */
  readonly keep?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: ReindexProgress) => void) | undefined;
  /** Asked before each record, and once more before the index is built. */
  readonly pause?: PauseGate | undefined;
}

export interface ReindexOptions extends PlanOptions {
  /** Embeds every picture anew and builds the index from nothing. One that was interrupted goes on where it was. */
  readonly full?: boolean | undefined;
  /** Large losses that a person saw and wants so. A larger one, or that of another source, is not among them. */
  readonly confirmed?: readonly Loss[] | undefined;
  /** Refuses sources of which nothing can be used and that had no items before. */
  readonly refuseEmpty?: boolean | undefined;
  /** What is to be written down of this run once its index counts; by the next process if this one dies first. */
  readonly resultOf?: ((summary: ReindexSummary) => RunResult) | undefined;
}

export interface Reindexer {
  /**
   * Replaces the items of these sources by what the sources hold now. The old index serves until the new one is whole.
   * Stopping at any moment, by `signal` or by killing the process, loses neither the index nor a finished embedding.
   * @throws {ShrinkGuardError} when a source lost more than `MAX_LOSS` of its items, unless that loss is `confirmed`.
   * @throws {OperatorError} when another run is under way, a source falls silent, or nothing usable came out of the sources.
   */
  run(sources: readonly Source[], options?: ReindexOptions): Promise<ReindexSummary>;
  /**
   * What `run` would do. Reads and decodes, and writes nothing, except what `recover` has to.
   * @throws {OperatorError} as `run`.
   */
  plan(sources: readonly Source[], options?: PlanOptions): Promise<ReindexPlan>;
  /**
   * Brings the catalogue to the index that counts, and writes down the run, where a process died between the two. To be called
   * before anything is served; `run` does the same for itself.
   * @throws {OperatorError} when a run is under way.
   */
  recover(): Promise<void>;
}

export interface ReindexerDependencies {
  readonly embedder: Embedder;
  /** Tells labels that sources do not give. */
  readonly classifier: Classifier;
  /** What its predictions depend on, and what those in the catalogue did when they were told. */
  readonly predictions: {
    readonly digest: string;
    readonly predictedBy: () => Promise<string | undefined>;
    readonly keep: (digest: string) => Promise<void>;
  };
  readonly decoder: Pick<PhotoDecoder, 'decode' | 'tile'>;
  readonly catalogue: Catalogue;
  /** The same, as answers read it. */
  readonly serving: ServingCatalogue;
  readonly pending: CommitLog;
  readonly cache: EmbeddingCache;
  readonly pictures: PictureStore;
  /** Folder that holds the generations of the index. */
  readonly indexFolder: string;
  /** Cosine from which on two items look the same. */
  readonly duplicateFrom: number;
  /** The index that serves now; undefined before the first. */
  readonly index: () => ItemIndex | undefined;
  /** Opens the index that counts on the disk. */
  readonly open: () => Promise<ItemIndex | undefined>;
  /** Makes it answer from now on. */
  readonly serve: (index: ItemIndex) => void;
  /** Writes the result of a run down. Repeatable. */
  readonly settle: (result: RunResult) => Promise<void>;
  /** A source that is silent for longer is given up, in milliseconds. Default: two minutes. */
  readonly patienceMs?: number;
}

export function createReindexer(dependencies: ReindexerDependencies): Reindexer {
  const publisher = createIndexPublisher(dependencies);
  let running = false;

  async function alone<T>(work: () => Promise<T>): Promise<T> {
    if (running)
      throw new OperatorError('A reindex is already running. Wait for it to end, or cancel it first.');
    running = true;
    try {
      await publisher.recover();
      return await work();
    } finally {
      running = false;
    }
  }

  return {
    run: (sources, options = {}) => alone(() => reindex(dependencies, publisher, sources, options)),
    plan: (sources, options = {}) => alone(() => planReindex(dependencies, sources, options)),
    recover: () => alone(() => Promise.resolve()),
  };
}

// --- Internal helpers ---

/** Items told labels anew before other work gets a turn, some milliseconds. */
const SLICE = 100;

async function reindex(
  dependencies: ReindexerDependencies,
  publisher: ReturnType<typeof createIndexPublisher>,
  sources: readonly Source[],
  options: ReindexOptions,
): Promise<ReindexSummary> {
  const { classifier, predictions, embedder, indexFolder, cache, duplicateFrom } = dependencies;
  const { signal, onProgress, pause, full = false, confirmed = [], refuseEmpty = false, resultOf } = options;
  const { dimension } = embedder.fingerprint;
  const started = performance.now();
  const { before, kept, known } = await openingState(dependencies, sources, options);
  const embeddings = createEmbeddings(dependencies, full ? await cache.beginRebuild() : undefined);

  // Shared, so that the builder's worker reads the matrix without a second copy.
  const matrix = new Float32Array(new SharedArrayBuffer((known + kept.length) * dimension * 4));
  const relabelled = (await predictions.predictedBy()) !== predictions.digest;
  const staying: Item[] = [];
  const keptEmbeddings = full ? createEmbeddings(dependencies, undefined) : embeddings;
  for (const [row, item] of kept.entries()) {
    const { id, picture, source } = item;
    const embedding = await keptEmbeddings.known(id, picture);
    if (!embedding) {
      throw new OperatorError(
        `The embedding of item "${id}" of source "${source}" is missing. Repair: npm run inventory -- reindex`,
      );
    }
    matrix.set(embedding, row * dimension);
    staying.push(relabelled ? withPredictedLabels(item, embedding, classifier) : item);
    if (relabelled && row % SLICE === SLICE - 1) await setImmediate();
  }

  const embedded = new Map<string, number>();
  const toldBefore = full || relabelled ? new Map<string, Item>() : before;
  /** Items with predicted labels, by row. */
  const predicted = new Map<number, Item>();
  const asGiven = await readSources(sources, {
    ...readingOf(dependencies, kept, options),
    onRecord: (progress) => onProgress?.({ phase: 'embed', ...progress }),
    isKnown: (id, picture) => embeddings.isWhole(id, picture),
    async take(item, bytes, row) {
      const { id, picture, source } = item;
      const { embedding, isNew } = await embeddings.of(id, picture, bytes, signal);
      const labelled = withPredictedLabels(item, embedding, classifier, toldBefore.get(id));
      if (labelled.predicted) predicted.set(row, labelled);
      if (isNew) embedded.set(source, 1 + (embedded.get(source) ?? 0));
      matrix.set(embedding, row * dimension);
    },
  });

  const read = {
    ...asGiven,
    rows: asGiven.rows.map(({ item, row }): Row => ({ row, item: predicted.get(row) ?? item })),
  };
  const rows = [...staying.map((item, row) => ({ item, row })), ...read.rows];
  const shown = rows.filter(({ item }) => !item.hidden);
  if (shown.length === 0) throw nothingUsable(known, rows.length, read);
  const found = await findChanges(before, staying, read, embedded);
  const seconds = (): number => (performance.now() - started) / 1000;
  const plan = planOf(found, rows, seconds());
  const isEmpty = read.rows.length === 0 && found.sources.every((source) => source.before === 0);
  if (refuseEmpty && isEmpty) throw nothingUsable(known, 0, read);
  if (!areConfirmed(plan.losses, confirmed)) throw new ShrinkGuardError(plan);
  await pause?.wait(signal);

  compact(matrix, shown, dimension);
  const summary = (): ReindexSummary => summaryOf(plan, rows, seconds());
  let change: CatalogueChange = {
    ...changeOf(before, rows, found),
    rebuild: full ? fingerprintDigest(embedder.fingerprint) : undefined,
    predictedBy: relabelled ? predictions.digest : undefined,
  };
  const prepare = (generation: string): Promise<void> => {
    change = { ...change, result: resultOf?.(summary()) };
    return publisher.prepare(generation, change);
  };
  const built = await buildIndex({
    folder: indexFolder,
    fingerprint: embedder.fingerprint,
    entries: shown.map(({ item }): IndexEntry => {
      const { id, picture } = item;
      return { id, picture, labels: labelsToFilter(item) };
    }),
    vectors: matrix.subarray(0, shown.length * dimension),
    duplicateFrom,
    rebuild: full,
    ...(signal && { signal }),
    onProgress: ({ done, total }) =>
      onProgress?.({ phase: 'index', done: Math.floor((done / total) * shown.length), total: shown.length }),
    beforeSwitch: prepare,
  });
  // Labels, titles and prices are no part of the index, and may have changed under the generation that serves.
  if (built.kind === 'unchanged') await prepare(built.generation);
  await publisher.commit(built, change, before);
  return summary();
}

function changeOf(before: ReadonlyMap<string, Item>, rows: readonly Row[], { news, gone }: FoundChanges) {
  const used = new Set(rows.map(({ item }) => item.picture));
  const orphans = new Set([...before.values()].map(({ picture }) => picture).filter((it) => !used.has(it)));
  return { set: news, remove: gone.map(({ id }) => id), orphans: [...orphans] };
}

/** Moves the rows together over the gaps that rejected records left. Rows are in rising order, so nothing is overwritten. */
function compact(matrix: Float32Array, rows: readonly Row[], dimension: number): void {
  rows.forEach(({ row }, target) => {
    if (row !== target) matrix.copyWithin(target * dimension, row * dimension, (row + 1) * dimension);
  });
}
