/** Brings the index up to date with sources: reads, embeds what is new, builds aside, swaps. */

import { setMaxListeners } from 'node:events';
import pMap from 'p-map';
import type { Embedder } from '../embed/embedder.ts';
import { OperatorError } from '../errors.ts';
import type { PhotoDecoder } from '../photo/decode-photo.ts';
import { buildIndex } from '../search/index-builder.ts';
import type { IndexEntry, ItemIndex } from '../search/item-index.ts';
import type { Catalogue } from './catalogue.ts';
import type { EmbeddingCache } from './embedding-cache.ts';
import { type Item, itemSchema } from './item.ts';
import type { PictureStore } from './picture-store.ts';
import { readSources, type Rejection, type Row } from './read-sources.ts';
import type { Source } from './sources/source.ts';

export interface ReindexSummary {
  /** Items of the sources that were read, against what the index held of them before. */
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly unchanged: number;
  /** Pictures that went through the network in this run; the others came from the cache or the old index. */
  readonly embedded: number;
  readonly rejected: readonly Rejection[];
  /** Items that can be found now. */
  readonly total: number;
  readonly seconds: number;
}

export interface ReindexProgress {
  /** `embed` counts records of the sources, `index` counts rows of the graph. */
  readonly phase: 'embed' | 'index';
  readonly done: number;
  readonly total: number;
}

export interface ReindexOptions {
  /** Further sources whose items stay as they are; the items of all others leave the inventory. */
  readonly keep?: readonly string[];
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ReindexProgress) => void;
}

export interface Reindexer {
  /**
   * Replaces the items of these sources by what the sources hold now. The old index serves until the new one is whole.
   * Stopping at any moment, by `signal` or by killing the process, loses neither the index nor a finished embedding.
   * @throws {OperatorError} when another run is under way, or nothing usable came out of the sources.
   */
  run(sources: readonly Source[], options?: ReindexOptions): Promise<ReindexSummary>;
}

export interface ReindexerDependencies {
  readonly embedder: Embedder;
  readonly decoder: Pick<PhotoDecoder, 'decode' | 'tile'>;
  readonly catalogue: Catalogue;
  readonly cache: EmbeddingCache;
  readonly pictures: PictureStore;
  /** Folder that holds the generations of the index. */
  readonly indexFolder: string;
  /** The index that serves now; undefined before the first. */
  readonly index: () => ItemIndex | undefined;
  /** Opens what was built and makes it serve. */
  readonly swap: () => Promise<void>;
}

const CATALOGUE_BATCH = 500;
const DELETIONS_IN_FLIGHT = 16;

export function createReindexer(dependencies: ReindexerDependencies): Reindexer {
  let running = false;
  return {
    async run(sources, options = {}) {
      if (running)
        throw new OperatorError('A reindex is already running. Wait for it to end, or cancel it first.');
      running = true;
      try {
        return await reindex(dependencies, sources, options);
      } finally {
        running = false;
      }
    },
  };
}

// --- Internal helpers ---

async function reindex(
  dependencies: ReindexerDependencies,
  sources: readonly Source[],
  { keep = [], signal, onProgress }: ReindexOptions,
): Promise<ReindexSummary> {
  const { catalogue, embedder, indexFolder, index, swap, pictures } = dependencies;
  const { dimension } = embedder.passport;
  const started = performance.now();
  // Every record in work listens; that many listeners are no leak.
  if (signal) setMaxListeners(0, signal);
  const before = await itemsById(catalogue);
  const read = new Set(sources.map((source) => source.name));
  const kept = [...before.values()].filter((item) => keep.includes(item.source) && !read.has(item.source));

  const known = sources.reduce((sum, source) => sum + source.count, 0);
  // Shared, so that the builder's worker reads the matrix without a second copy.
  const matrix = new Float32Array(new SharedArrayBuffer((known + kept.length) * dimension * 4));
  const { rows, rejected, embedded } = await readSources(dependencies, sources, {
    matrix,
    kept,
    signal,
    onProgress,
  });

  const items = rows.map(({ item }) => item);
  if (items.length === 0) {
    const first = rejected[0];
    const why = first ? ` The first reason: ${first.where}: ${first.reason}` : '';
    throw new OperatorError(`No item could be used of ${known}, so the inventory was left as it is.${why}`);
  }
  compact(matrix, rows, dimension);

  const news = items.filter((item) => !sameItem(before.get(item.id), item));
  for (let start = 0; start < news.length; start += CATALOGUE_BATCH) {
    await catalogue.set(news.slice(start, start + CATALOGUE_BATCH));
  }
  const built = await buildIndex({
    folder: indexFolder,
    passport: embedder.passport,
    entries: items.map(({ id, picture, labels }): IndexEntry => ({ id, picture, labels })),
    vectors: matrix.subarray(0, items.length * dimension),
    ...(signal && { signal }),
    onProgress: ({ done, total }) => onProgress?.({ phase: 'index', done, total }),
  });
  if (built.kind !== 'unchanged' || !index()) await swap();

  // Only now: until the swap the old index could still answer with these.
  const ids = new Set(items.map((item) => item.id));
  const gone = [...before.values()].filter((item) => !ids.has(item.id));
  await catalogue.delete(gone.map((item) => item.id));
  const used = new Set(items.map((item) => item.picture));
  const orphans = [...before.values()].filter((item) => !used.has(item.picture));
  await pMap(orphans, (item) => pictures.delete(item.picture), { concurrency: DELETIONS_IN_FLIGHT });

  const added = news.filter((item) => !before.has(item.id)).length;
  return {
    added,
    changed: news.length - added,
    removed: gone.length,
    unchanged: items.length - kept.length - news.length,
    embedded,
    rejected,
    total: items.length,
    seconds: (performance.now() - started) / 1000,
  };
}

/** Moves the rows together over the gaps that rejected records left. Rows are in rising order, so nothing is overwritten. */
function compact(matrix: Float32Array, rows: readonly Row[], dimension: number): void {
  rows.forEach(({ row }, target) => {
    if (row !== target) matrix.copyWithin(target * dimension, row * dimension, (row + 1) * dimension);
  });
}

async function itemsById(catalogue: Catalogue): Promise<Map<string, Item>> {
  const items = new Map<string, Item>();
  for await (const item of catalogue.list()) items.set(item.id, item);
  return items;
}

function sameItem(a: Item | undefined, b: Item): boolean {
  return a !== undefined && JSON.stringify(itemSchema.parse(a)) === JSON.stringify(b);
}
