/** Second step of a reindex: reads the sources and gives every item its embedding and its predicted labels. */

import { setImmediate } from 'node:timers/promises';
import type { Item } from '../catalogue/item.ts';
import { withPredictedLabels } from '../catalogue/predicted-labels.ts';
import type { Source } from '../sources/source.ts';
import { OperatorError } from '../util/errors.ts';
import { type InventoryState, readingOptions } from './load-state.ts';
import { createPictureEmbedder, type PictureEmbedder } from './picture-embedder.ts';
import { readSources, type Row, type SourcesRead } from './read-sources.ts';
import type { ReindexOptions } from './reindex-options.ts';
import type { ReindexerDependencies } from './reindexer-dependencies.ts';

export interface EmbeddedItems {
  /** Items of the sources that stay as they are, labelled by the current classifier. They have the first rows. */
  readonly kept: readonly Item[];
  readonly read: SourcesRead;
  /** Embeddings by row, `[rows * dimension]`. In shared memory, so that the worker that builds the index needs no copy. */
  readonly vectors: Float32Array;
  /** Pictures that went through the network, by source. */
  readonly embedded: ReadonlyMap<string, number>;
  /** Whether the labels of all items were predicted again, because the classifier is another one. */
  readonly relabelled: boolean;
}

/** Items labelled before other work gets a turn, some milliseconds. */
const SLICE = 100;

/** @throws {OperatorError} when a source stops answering, or the embedding of an item that stays is missing. */
export async function embedItems(
  dependencies: ReindexerDependencies,
  state: InventoryState,
  sources: readonly Source[],
  options: ReindexOptions,
): Promise<EmbeddedItems> {
  const { cache, embedder, predictions } = dependencies;
  const { before, kept, records } = state;
  const { full = false } = options;
  const bytes = (kept.length + records) * embedder.fingerprint.dimension * Float32Array.BYTES_PER_ELEMENT;
  const vectors = new Float32Array(new SharedArrayBuffer(bytes));
  const relabelled = (await predictions.predictedBy()) !== predictions.digest;
  const embeddings = createPictureEmbedder(dependencies, full ? await cache.beginRebuild() : undefined);
  // A rebuild does not embed items of sources that are not read: it has no pictures of them.
  const stored = full ? createPictureEmbedder(dependencies, undefined) : embeddings;
  return {
    kept: await loadKept(dependencies, stored, kept, vectors, relabelled),
    ...(await embedSources(dependencies, embeddings, sources, options, {
      kept,
      vectors,
      labelled: full || relabelled ? new Map() : before,
    })),
    vectors,
    relabelled,
  };
}

// --- Internal helpers ---

/** Loads the embeddings of the items that stay, and predicts their labels again if need be. */
async function loadKept(
  { classifier, embedder }: ReindexerDependencies,
  embeddings: Pick<PictureEmbedder, 'known'>,
  kept: readonly Item[],
  vectors: Float32Array,
  relabel: boolean,
): Promise<Item[]> {
  const { dimension } = embedder.fingerprint;
  const items: Item[] = [];
  for (const [row, item] of kept.entries()) {
    const { id, picture, source } = item;
    const embedding = await embeddings.known(id, picture);
    if (!embedding) {
      throw new OperatorError(
        `The embedding of item "${id}" of source "${source}" is missing. Repair: npm run inventory -- reindex`,
      );
    }
    vectors.set(embedding, row * dimension);
    items.push(relabel ? withPredictedLabels(item, embedding, classifier) : item);
    if (relabel && row % SLICE === SLICE - 1) await setImmediate();
  }
  return items;
}

interface EmbeddingTarget {
  readonly kept: readonly Item[];
  readonly vectors: Float32Array;
  /** Items that the current classifier has labelled from the same embedding, by id. */
  readonly labelled: ReadonlyMap<string, Item>;
}

async function embedSources(
  dependencies: ReindexerDependencies,
  embeddings: PictureEmbedder,
  sources: readonly Source[],
  options: ReindexOptions,
  { kept, vectors, labelled }: EmbeddingTarget,
): Promise<Pick<EmbeddedItems, 'read' | 'embedded'>> {
  const { classifier, embedder } = dependencies;
  const { dimension } = embedder.fingerprint;
  const embedded = new Map<string, number>();
  /** Items with predicted labels, by row. */
  const predicted = new Map<number, Item>();
  const { rows, rejected } = await readSources(sources, {
    ...readingOptions(dependencies, kept, options),
    onRecord: (progress) => options.onProgress?.({ phase: 'embed', ...progress }),
    isKnown: (id, picture) => embeddings.isComplete(id, picture),
    async onItem(item, bytes, row) {
      const { id, picture, source } = item;
      const { embedding, isNew } = await embeddings.embed(id, picture, bytes, options.signal);
      const result = withPredictedLabels(item, embedding, classifier, labelled.get(id));
      if (result.predicted) predicted.set(row, result);
      if (isNew) embedded.set(source, 1 + (embedded.get(source) ?? 0));
      vectors.set(embedding, row * dimension);
    },
  });
  const labelledRows = rows.map(({ item, row }): Row => ({ row, item: predicted.get(row) ?? item }));
  return { read: { rows: labelledRows, rejected }, embedded };
}
