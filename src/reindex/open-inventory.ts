/** The parts of an inventory over one data folder, wired to each other, in the state that the last process meant to leave. */

import { type Classifier, createClassifier } from '../embed/classifier.ts';
import type { Embedder } from '../embed/embedder.ts';
import type { Manifest } from '../embed/model.ts';
import type { Logger } from '../util/logger.ts';
import type { PhotoDecoder } from '../photo/decode-photo.ts';
import type { ItemIndex } from '../search/item-index.ts';
import type { ServingIndex } from '../search/serving-index.ts';
import type { DataFolder } from '../store/data-folder.ts';
import type { Store } from '../store/store.ts';
import { createCatalogue } from '../catalogue/catalogue.ts';
import { createEmbeddingCache } from './embedding-cache.ts';
import { createFetcher, type FetcherDependencies } from '../sources/http/fetcher.ts';
import { createHttpCache } from '../sources/http/http-cache.ts';
import { createInventory, type Inventory } from './inventory.ts';
import type { KnownSource } from './known-sources.ts';
import { createCommitLog } from './commit-log.ts';
import { predictionDigest } from '../catalogue/predicted-labels.ts';
import { createPictureStore, type PictureStore } from '../catalogue/picture-store.ts';
import { createReindexer, type Reindexer } from './reindexer.ts';
import { createRunHistory, type RunHistory } from './run-history.ts';
import { createResultWriter } from './run-result.ts';
import { isWebAddress, openSource } from '../sources/open-source.ts';
import { readSourceFile, type SourceFileOptions } from '../sources/source-file.ts';
import { createServingCatalogue, type ServingCatalogue } from '../catalogue/serving-catalogue.ts';

export interface InventoryParts {
  readonly inventory: Inventory;
  readonly reindexer: Reindexer;
  /** As answers read it. */
  readonly catalogue: ServingCatalogue;
  readonly pictures: PictureStore;
  /** Ends what is being fetched. Idempotent. */
  close(): Promise<void>;
}

export interface OpenInventoryOptions {
  readonly folder: Pick<DataFolder, 'store' | 'indexFolder' | 'picturesFolder' | 'feedsFolder'>;
  /** Of the catalogue and the sources; everything else belongs to this folder alone. Default: the folder's own. */
  readonly store?: Store;
  readonly embedder: Embedder;
  /** Tells labels that sources do not give. Default: none does. */
  readonly classifier?: Classifier;
  /** Its classes and temperatures, as the model's manifest gives them. */
  readonly labels?: Manifest['labels'];
  readonly decoder: Pick<PhotoDecoder, 'decode' | 'tile'>;
  readonly serving: ServingIndex;
  /** Cosine from which on two items look the same. */
  readonly duplicateFrom: number;
  /** Opens the index that counts on the disk. */
  readonly open: () => Promise<ItemIndex | undefined>;
  readonly logger: Logger;
  /** Lists sources. Default: none does. */
  readonly sourceFile?: SourceFileOptions;
  /** Default: how the system resolves names, and how time passes. */
  readonly fetching?: FetcherDependencies;
  /** See `ReindexerDependencies`. */
  readonly patienceMs?: number;
}

/** To be called before the index is opened. Says which runs were interrupted, how each goes on, and which it finished. */
export async function openInventory(options: OpenInventoryOptions): Promise<InventoryParts> {
  const { folder, store = folder.store, embedder, decoder, serving, open, logger, patienceMs } = options;
  const { classifier = createClassifier([]), duplicateFrom, sourceFile, fetching } = options;
  const stored = createCatalogue(store.namespace('items'));
  const catalogue = createServingCatalogue(stored);
  const pictures = createPictureStore({ folder: folder.picturesFolder });
  const history = createRunHistory(folder.store.namespace('runs'));
  const records = store.namespace<KnownSource>('sources');
  const predictedBy = store.namespace<string>('predictions');
  const reindexer = createReindexer({
    embedder,
    classifier,
    predictions: {
      digest: predictionDigest(embedder.fingerprint, options.labels),
      predictedBy: () => predictedBy.get('items'),
      keep: async (digest) => {
        await predictedBy.set('items', digest);
      },
    },
    decoder,
    catalogue: stored,
    serving: catalogue,
    pending: createCommitLog(folder.store.namespace('pending')),
    pictures,
    cache: createEmbeddingCache(folder.store.namespace('embeddings'), embedder.fingerprint),
    indexFolder: folder.indexFolder,
    duplicateFrom,
    index: () => serving.current(),
    open,
    serve: (next) => {
      serving.replace(next);
    },
    settle: createResultWriter(records, history),
    ...(patienceMs !== undefined && { patienceMs }),
  });
  await recover(reindexer, history, logger);
  const fetcher = createFetcher(fetching);
  const cache = createHttpCache(folder.store.namespace('fetched'));
  let swept: Promise<void> | undefined;
  const web = { fetcher, cache, feedsFolder: folder.feedsFolder };
  const inventory = createInventory({
    openSource: async (place, settings) => {
      if (isWebAddress(place)) await (swept ??= cache.sweep());
      return openSource(place, {
        ...settings,
        web,
        onStale: (count) => {
          logger.warn(
            { count, source: settings.name },
            'pictures could not be fetched now and stay as they were',
          );
        },
      });
    },
    listed: async () => sourceFile && readSourceFile(sourceFile),
    reindexer,
    records,
    history,
    catalogue: stored,
    index: () => serving.current(),
  });
  return { inventory, reindexer, catalogue, pictures, close: () => fetcher.close() };
}

// --- Internal helpers ---

/** Finishes what a dead process could not, and says what was found. */
async function recover(reindexer: Reindexer, history: RunHistory, logger: Logger): Promise<void> {
  const before = new Map((await history.list()).map(({ id, outcome }) => [id, outcome]));
  await reindexer.recover();
  const finished = (await history.list()).filter(
    ({ id, outcome }) => outcome === 'finished' && before.get(id) !== 'finished',
  );
  for (const { kind, full, startedAt, who } of finished)
    logger.warn({ kind, full, startedAt, who }, 'a run whose process died is finished: its index counts');
  for (const { kind, full, startedAt, who, reason } of await history.recover())
    logger.warn({ kind, full, startedAt, who, reason }, 'a run was interrupted; a whole index serves');
}
