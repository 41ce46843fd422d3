/** Wires the parts of an inventory over one data folder, and completes what the last process left unfinished. */

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
  /** The catalogue as answers read it. */
  readonly catalogue: ServingCatalogue;
  readonly pictures: PictureStore;
  /** Ends all downloads. Idempotent. */
  close(): Promise<void>;
}

export interface OpenInventoryOptions {
  readonly folder: Pick<DataFolder, 'store' | 'indexFolder' | 'picturesFolder' | 'feedsFolder'> & {
    /** See `DataFolder`. Default: false. */
    readonly isSnapshot?: boolean;
  };
  /** Holds the catalogue and the sources; everything else stays in the data folder. Default: the store of the folder. */
  readonly store?: Store;
  readonly embedder: Embedder;
  /** Predicts labels that sources do not give. Default: none are predicted. */
  readonly classifier?: Classifier;
  /** Classes and temperatures of the classifier, from the model's manifest. */
  readonly labels?: Manifest['labels'];
  readonly decoder: Pick<PhotoDecoder, 'decode' | 'tile'>;
  readonly serving: ServingIndex;
  /** Cosine from which two items count as duplicates. */
  readonly duplicateFrom: number;
  /** Opens the current index on the disk. */
  readonly openIndex: () => Promise<ItemIndex | undefined>;
  readonly logger: Logger;
  /** The file that lists sources. Default: there is none. */
  readonly sourceFile?: SourceFileOptions;
  /** Name resolution and clock. Default: those of the system. */
  readonly fetching?: FetcherDependencies;
  /** As in `ReindexerDependencies`. */
  readonly patienceMs?: number;
}

/** To be called before the index is opened. Logs which runs were interrupted, how to continue them, and which it completed. */
export async function openInventory(options: OpenInventoryOptions): Promise<InventoryParts> {
  const { folder, store = folder.store, embedder, decoder, serving, openIndex, logger, patienceMs } = options;
  const { classifier = createClassifier([]), duplicateFrom, sourceFile, fetching } = options;
  const stored = createCatalogue(store.namespace('items'));
  const catalogue = createServingCatalogue(stored);
  const pictures = createPictureStore({ folder: folder.picturesFolder });
  const history = createRunHistory(folder.store.namespace('runs'));
  const records = store.namespace<KnownSource>('sources');
  const predictedBy = store.namespace<string>('predictions');
  const commitLog = createCommitLog(folder.store.namespace('pending'));
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
    servingCatalogue: catalogue,
    commitLog,
    pictures,
    cache: createEmbeddingCache(folder.store.namespace('embeddings'), embedder.fingerprint),
    indexFolder: folder.indexFolder,
    duplicateFrom,
    index: () => serving.current(),
    openIndex,
    serveIndex: (next) => {
      serving.replace(next);
    },
    recordResult: createResultWriter(records, history),
    ...(patienceMs !== undefined && { patienceMs }),
  });
  if (folder.isSnapshot) {
    // The process that holds the folder finishes its own runs. A copy would mistake a run in progress for an interrupted one.
    await commitLog.clear();
  } else {
    await recover(reindexer, history, logger);
  }
  const fetcher = createFetcher(fetching);
  const httpCache = createHttpCache(folder.store.namespace('fetched'));
  let swept: Promise<void> | undefined;
  const web = { fetcher, cache: httpCache, feedsFolder: folder.feedsFolder };
  const inventory = createInventory({
    openSource: async (location, settings) => {
      if (isWebAddress(location)) await (swept ??= httpCache.sweep());
      return openSource(location, {
        ...settings,
        web,
        onStale: (count) => {
          logger.warn(
            { count, source: settings.name },
            'some pictures could not be fetched; their items keep the pictures they had',
          );
        },
      });
    },
    listedSources: async () => sourceFile && readSourceFile(sourceFile),
    reindexer,
    records,
    history,
    catalogue: stored,
    index: () => serving.current(),
  });
  return { inventory, reindexer, catalogue, pictures, close: () => fetcher.close() };
}

// --- Internal helpers ---

/** Completes what a dead process left unfinished, and logs what it found. */
async function recover(reindexer: Reindexer, history: RunHistory, logger: Logger): Promise<void> {
  const before = new Map((await history.list()).map(({ id, outcome }) => [id, outcome]));
  await reindexer.recover();
  const finished = (await history.list()).filter(
    ({ id, outcome }) => outcome === 'finished' && before.get(id) !== 'finished',
  );
  for (const { kind, full, startedAt, who } of finished)
    logger.warn(
      { kind, full, startedAt, who },
      'completed a run whose process had died: its index is current',
    );
  for (const { kind, full, startedAt, who, reason } of await history.recover())
    logger.warn(
      { kind, full, startedAt, who, reason },
      'a run was interrupted; the index of an earlier run serves',
    );
}
