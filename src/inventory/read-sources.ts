/** Reads every record of some sources into one matrix of embeddings, embedding only what no earlier run has. */

import { createHash } from 'node:crypto';
import pMap from 'p-map';
import { messageOf, OperatorError } from '../errors.ts';
import type { EmbeddingCache } from './embedding-cache.ts';
import { type Item, itemSchema } from './item.ts';
import type { ReindexerDependencies, ReindexProgress } from './reindexer.ts';
import type { ItemRecord, Source, SourceRecord } from './sources/source.ts';

export interface Rejection {
  /** Where in the source, for example `styles.csv row 17`. */
  readonly where: string;
  readonly reason: string;
}

/** An item that made it, and its row in the matrix. */
export interface Row {
  readonly item: Item;
  readonly row: number;
}

export interface Reading {
  /** Filled here: room for every kept item and every record, times the dimension. */
  readonly matrix: Float32Array;
  /** Items of other sources; they come first. */
  readonly kept: readonly Item[];
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: ReindexProgress) => void) | undefined;
}

/** Records in work at once: enough to keep every core busy while some wait for the disk, few enough to stay small. */
const IN_FLIGHT = 16;

/**
 * Rows come back in the order of the sources, with gaps where records were rejected,
 * so that the same sources always give the same index.
 */
export async function readSources(
  dependencies: ReindexerDependencies,
  sources: readonly Source[],
  { matrix, kept, signal, onProgress }: Reading,
): Promise<{ rows: Row[]; rejected: Rejection[]; embedded: number }> {
  const { dimension } = dependencies.embedder.passport;
  const known = knownEmbeddings(dependencies);
  const rows: Row[] = [];
  const rejected: Rejection[] = [];
  const total = sources.reduce((sum, source) => sum + source.count, 0);
  /** Ids are unique over the whole inventory: who came first keeps an id. */
  const owners = new Map<string, string>(kept.map((item) => [item.id, item.source]));
  let done = 0;
  let next = 0;
  let embedded = 0;

  const place = (item: Item, row: number, embedding: Float32Array): void => {
    matrix.set(embedding, row * dimension);
    rows.push({ item, row });
  };

  for (const item of kept) {
    const embedding = await known.get(item.id, item.picture);
    if (!embedding) {
      throw new OperatorError(
        `The embedding of item "${item.id}" of source "${item.source}" is missing. Repair: npm run inventory -- reindex`,
      );
    }
    place(item, next++, embedding);
  }

  async function take(record: ItemRecord, source: string, row: number): Promise<void> {
    const owner = owners.get(record.item.id);
    if (owner !== undefined) throw new Error(`id "${record.item.id}" is already taken by source "${owner}"`);
    owners.set(record.item.id, source);
    try {
      const bytes = await record.read();
      const picture = createHash('sha256').update(bytes).digest('hex');
      const item = itemSchema.parse({ ...record.item, picture, source });
      const stored = await known.get(item.id, picture);
      place(item, row, stored ?? (await embedPicture(dependencies, picture, bytes, signal)));
      if (!stored) embedded++;
      // Tiles are not synced to the disk, so a known picture may have lost its own.
      if (stored) await keepTile(dependencies, picture, bytes);
    } catch (error) {
      owners.delete(record.item.id);
      throw error;
    }
  }

  async function settle(record: SourceRecord, source: string, row: number): Promise<void> {
    try {
      if (record.kind === 'rejected') rejected.push({ where: record.where, reason: record.reason });
      else await take(record, source, row);
    } catch (error) {
      // What is wrong with one picture stops nothing else; a full disk or a cancelled run stops everything.
      if (signal?.aborted || error instanceof OperatorError) throw error;
      rejected.push({ where: record.where, reason: messageOf(error) });
    } finally {
      onProgress?.({ phase: 'embed', done: ++done, total });
    }
  }

  const inWork = new Set<Promise<void>>();
  try {
    for (const source of sources) {
      await pMap(
        source.records(),
        async (record) => {
          const work = settle(record, source.name, next++);
          inWork.add(work);
          await work.finally(() => inWork.delete(work));
        },
        { concurrency: IN_FLIGHT, ...(signal && { signal }) },
      );
    }
  } finally {
    // p-map rejects at once; what is in work still writes, and nobody may close a store under it.
    await Promise.allSettled(inWork);
  }
  rows.sort((a, b) => a.row - b.row);
  return { rows, rejected, embedded };
}

// --- Internal helpers ---

/** Looks in the index first (no disk), then in the cache. The index is believed only for the picture that it was built from. */
function knownEmbeddings({ cache, index }: ReindexerDependencies): {
  get(id: string, picture: string): ReturnType<EmbeddingCache['get']>;
} {
  const current = index();
  const indexed = new Map([...(current?.entries() ?? [])].map(({ id, picture }) => [id, picture]));
  return {
    get: async (id, picture) =>
      (indexed.get(id) === picture ? await current?.vector(id) : undefined) ?? cache.get(picture),
  };
}

async function embedPicture(
  dependencies: ReindexerDependencies,
  picture: string,
  bytes: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  const { cache, decoder, embedder } = dependencies;
  const options = { priority: 'bulk', ...(signal && { signal }) } as const;
  const pixels = await decoder.decode(bytes, embedder.input, options);
  const [embedding] = await Promise.all([
    embedder.embed(pixels, options),
    keepTile(dependencies, picture, bytes),
  ]);
  // The tile first: a cached embedding promises that the picture can be shown.
  await cache.set(picture, embedding);
  return embedding;
}

async function keepTile(
  { decoder, pictures }: ReindexerDependencies,
  picture: string,
  bytes: Uint8Array,
): Promise<void> {
  if (!(await pictures.has(picture))) await pictures.write(picture, await decoder.tile(bytes));
}
