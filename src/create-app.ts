/** Builds what the bot and the scripts share from a config, and closes it again. */

import { type Config, readVariable } from './config/config.ts';
import { createClassifier } from './embed/classifier.ts';
import type { Embedder } from './embed/embedder.ts';
import { readLabelHeads } from './embed/label-heads.ts';
import { defaultModelFolder, loadModel, type Model } from './embed/model.ts';
import { openEmbedder } from './embed/open-embedder.ts';
import { openGarmentFinder } from './garments/open-garment-finder.ts';
import { OperatorError } from './util/errors.ts';
import { createGallerySessions, type GallerySessions } from './recommend/gallery-sessions.ts';
import { installDemoInventory } from './reindex/demo-inventory.ts';
import type { Inventory } from './reindex/inventory.ts';
import { DEMO_SOURCE } from './reindex/known-sources.ts';
import { openInventory } from './reindex/open-inventory.ts';
import type { PictureStore } from './catalogue/picture-store.ts';
import type { ServingCatalogue } from './catalogue/serving-catalogue.ts';
import type { Logger } from './util/logger.ts';
import { createMetrics, type Metrics } from './metrics/metrics.ts';
import { createPhotoDecoder } from './photo/decode-photo.ts';
import { createRecommender, type Recommender } from './recommend/recommend.ts';
import { openHnswIndex } from './search/hnsw-index.ts';
import type { ItemIndex } from './search/item-index.ts';
import { createServingIndex, type ServingIndex } from './search/serving-index.ts';
import { type DataFolder, DataFolderInUseError, openDataFolder } from './store/data-folder.ts';
import { openDataFolderSnapshot } from './store/data-folder-snapshot.ts';
import { openStore } from './store/open-store.ts';
import type { Store } from './store/store.ts';

export interface App {
  readonly model: Model;
  readonly embedder: Embedder;
  readonly recommender: Recommender;
  readonly inventory: Inventory;
  /** The catalogue as answers read it. */
  readonly catalogue: ServingCatalogue;
  readonly pictures: PictureStore;
  readonly metrics: Metrics;
  /** Search vectors of the galleries that were sent. */
  readonly galleries: GallerySessions;
  /** The embedded store, regardless of STORE_URL, for records that belong to this process alone. */
  readonly localStore: Store;
  /** The current index; undefined before the first import. */
  index(): ItemIndex | undefined;
  /** Whether another process holds the data folder, so that this one works on a snapshot of it. */
  readonly isSnapshot: boolean;
  /** Why the index on disk cannot be used. Only in the mode `repair`; in the mode `serve` this is an error. */
  readonly indexProblem: string | undefined;
  /** Finishes accepted work and releases the data folder. Idempotent. */
  close(): Promise<void>;
}

export interface CreateAppOptions {
  readonly config: Config;
  readonly logger: Logger;
  /** What this process does with the data folder, for the error message of a second process. */
  readonly purpose: string;
  /**
   * `serve`: an unusable index is an error; if there is no inventory at all, the demo inventory is installed.
   * `repair`: an unusable index is only reported as `indexProblem`, because the caller is about to build another.
   */
  readonly mode: 'serve' | 'repair';
  /**
   * The caller only reads: while another process holds the data folder, it works on a snapshot instead of being refused.
   * Default: false.
   */
  readonly readsOnly?: boolean;
}

/** @throws {OperatorError} when a part cannot be built. Everything opened before is closed again. */
export async function createApp(options: CreateAppOptions): Promise<App> {
  const { config, logger, purpose, mode, readsOnly = false } = options;
  const closers: (() => Promise<void>)[] = [];
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= closeAll(closers));

  try {
    const model = await loadModel(config.modelFolder ?? (await defaultModelFolder(config.assetsFolder)));
    const { fingerprint } = model;
    const classifier = createClassifier(await readLabelHeads(model));
    const folder = await openDataFolder(config.dataFolder, purpose).catch((error: unknown) => {
      if (!readsOnly || !(error instanceof DataFolderInUseError)) throw error;
      return openDataFolderSnapshot(config.dataFolder);
    });
    closers.push(() => folder.close());
    const store =
      config.storeUrl === undefined
        ? folder.store
        : await openStore({ url: config.storeUrl, folder: folder.path });
    closers.push(() => store.close());

    const { engine, tensorflowFolder } = config;
    const embedder = await openEmbedder({
      model,
      engine,
      tensorflowFolder,
      serving: mode === 'serve',
      logger,
    });
    closers.push(() => embedder.close());
    // Only a process that answers photos needs it; an import does without its memory.
    const finder =
      mode === 'serve'
        ? await openGarmentFinder({
            folder: config.finderFolder,
            assetsFolder: config.assetsFolder,
            logger,
          })
        : undefined;
    if (finder) closers.push(() => finder.close());

    const open = (): Promise<ItemIndex | undefined> =>
      openHnswIndex({ folder: folder.indexFolder, fingerprint, logger });
    const index = createServingIndex();
    closers.push(() => index.close());

    const metrics = createMetrics();
    const decoder = createPhotoDecoder();
    const opened = await openInventory({
      folder,
      store,
      embedder,
      classifier,
      labels: model.manifest.labels,
      decoder,
      serving: index,
      duplicateFrom: model.manifest.similarity.duplicateFrom,
      openIndex: open,
      sourceFile: { ...config.inventoryFile, variable: readVariable },
      logger,
    });
    closers.push(() => opened.close());
    const { inventory, catalogue, pictures } = opened;
    const indexProblem = await serveIndex({ config, logger, mode, folder, inventory, index, open });

    const galleries = createGallerySessions(folder.store.namespace('galleries'), fingerprint);
    await galleries.sweep();
    const recommender = createRecommender({
      decoder,
      embedder,
      finder,
      classifier,
      catalogue,
      sessions: galleries,
      metrics,
      bands: model.manifest.similarity,
      index() {
        const serving = index.current();
        if (!serving)
          throw new OperatorError(
            'There is no index yet. Import an inventory: npm run inventory -- import PATH',
          );
        return serving;
      },
    });
    metrics.observe({ embedder: () => embedder.status(), indexSize: () => index.current()?.size ?? 0 });
    return {
      model,
      embedder,
      recommender,
      inventory,
      catalogue,
      pictures,
      metrics,
      galleries,
      localStore: folder.store,
      index: () => index.current(),
      isSnapshot: folder.isSnapshot,
      indexProblem,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

// --- Internal helpers ---

interface ServeIndexOptions extends Pick<CreateAppOptions, 'config' | 'logger' | 'mode'> {
  readonly folder: DataFolder;
  readonly inventory: Inventory;
  readonly index: ServingIndex;
  readonly open: () => Promise<ItemIndex | undefined>;
}

/**
 * Opens the index on disk and lets it answer; installs the demo inventory where there is none.
 * @returns why the index cannot be used, in the mode `repair` only.
 */
async function serveIndex(options: ServeIndexOptions): Promise<string | undefined> {
  const { config, logger, mode, folder, inventory, index, open } = options;
  const sources = await inventory.sources();
  const isFresh = [...sources].every(([name, { readAt }]) => name === DEMO_SOURCE && readAt === null);
  if (mode === 'serve' && isFresh && !folder.isSnapshot) {
    await installDemoInventory({
      assetsFolder: config.assetsFolder,
      indexFolder: folder.indexFolder,
      inventory,
      logger,
      openIndex: open,
      serveIndex: (shipped) => {
        index.replace(shipped);
      },
    });
    return undefined;
  }
  let problem: string | undefined;
  const found = await open().catch((error: unknown) => {
    if (mode === 'serve' || !(error instanceof OperatorError)) throw error;
    problem = error.message;
    return undefined;
  });
  if (found) index.replace(found);
  else if (mode === 'serve') throw unfinished([...sources.keys()]);
  return problem;
}

function unfinished(sources: readonly string[]): OperatorError {
  return new OperatorError(
    `There is no index yet: the import of ${sources.join(', ')} did not finish. Finished embeddings are kept. ` +
      'Continue it with: npm run inventory -- reindex',
  );
}

/** Closes in reverse order of opening. */
async function closeAll(closers: readonly (() => Promise<void>)[]): Promise<void> {
  for (const closer of [...closers].reverse()) await closer();
}
