/**
 * The bot that scenarios talk to: the real conversation and a real inventory in a temporary folder, with an embedder that
 * sees only colours. A test can hold back the embedder and let buttons expire, so that it does not have to wait for either.
 */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Keyv } from 'keyv';
import { createCommands } from '../../commands/index.ts';
import { type Clock, systemClock } from '../../src/util/clock.ts';
import type { Conversation } from '../../src/chat/conversation.ts';
import { createConversation } from '../../src/chat/create-conversation.ts';
import { createStatus } from '../../src/chat/status.ts';
import type { ChatLimits } from '../../src/config/rate-limits.ts';
import { loadTranslations } from '../../src/chat/translations.ts';
import type { Embedder, Priority } from '../../src/embed/embedder.ts';
import { createGallerySessions } from '../../src/recommend/gallery-sessions.ts';
import { createLogger } from '../../src/util/logger.ts';
import { createMetrics, type Metrics } from '../../src/metrics/metrics.ts';
import { createPhotoDecoder } from '../../src/photo/decode-photo.ts';
import { PHOTO_LIMITS } from '../../src/photo/photo-limits.ts';
import { createRecommender } from '../../src/recommend/recommend.ts';
import { openHnswIndex } from '../../src/search/hnsw-index.ts';
import { createServingIndex } from '../../src/search/serving-index.ts';
import { openDataFolder } from '../../src/store/data-folder.ts';
import type { Store } from '../../src/store/store.ts';
import { createColourFinder } from '../fakes/colour-finder.ts';
import { COLOUR_FINGERPRINT, createColourEmbedder } from '../fakes/colour-embedder.ts';
import { createMemoryAudit, type MemoryAudit } from '../memory-audit.ts';
import { GARMENTS_BY_COLOUR } from './colour-photo.ts';
import { assetsFolder } from '../shipped-model.ts';
import { type InventoryParts, openInventory } from '../../src/reindex/open-inventory.ts';
import { addItem, copyInventory, inventoryPaths, moveSource } from './scenario-inventory.ts';

export interface ScenarioBot {
  /** Belongs to the simulated process that runs now. */
  readonly conversation: Conversation;
  readonly catalogue: InventoryParts['catalogue'];
  readonly pictures: InventoryParts['pictures'];
  /** Belongs to the simulated process that runs now. */
  readonly store: Store;
  readonly metrics: Metrics;
  /** Shared by all simulated processes. */
  readonly audit: MemoryAudit;
  readonly photoSide: number;
  readonly maxPhotoBytes: number;
  /** Holds the photos of people (or the pictures of an import) in the embedder until the returned function is called. */
  hold(priority: Priority): () => void;
  /** The number of photos that wait because of `hold`. */
  readonly held: number;
  /** Lets every button expire, as after an hour. */
  expireButtons(): Promise<void>;
  /** Adds a picture to the folder that `/reindex` reads. */
  addPicture(id: string, colour: string): Promise<void>;
  /** Removes the first `count` items from the table that `/reindex` reads. */
  removeItems(count: number): Promise<void>;
  /** Simulates a crash and a new start over the same data folder: nothing in memory survives. */
  restart(): void;
  close(): Promise<void>;
}

const BANDS = {
  weakBelow: 0.5,
  duplicateFrom: 0.9999,
  words: [
    { from: 0.98, word: 'nearly identical' },
    { from: 0.8, word: 'very similar' },
    { from: 0.5, word: 'similar' },
    { from: -1, word: 'loosely similar' },
  ],
  derivedFrom: 'chosen by hand for colours',
};

export async function createScenarioBot({
  limits = { person: undefined, community: undefined, presses: undefined },
}: { readonly limits?: ChatLimits } = {}): Promise<ScenarioBot> {
  const root = await mkdtemp(join(tmpdir(), 'scenario-'));
  const { source, table } = inventoryPaths(root);
  await copyInventory(root, importInventory);
  const { embedder, ...gate } = holdable(createColourEmbedder());
  const { folder, decoder, serving, inventory, catalogue, pictures } = await openScenarioInventory(
    root,
    embedder,
  );
  const metrics = createMetrics();
  const audit = createMemoryAudit();

  function startProcess() {
    const { store, kill } = killable(folder.store);
    const galleries = createGallerySessions(store.namespace('galleries'), COLOUR_FINGERPRINT);
    const conversation = createConversation({
      recommender: createRecommender({
        decoder,
        embedder,
        finder: createColourFinder(GARMENTS_BY_COLOUR),
        index: () => serving.current()!,
        catalogue,
        sessions: galleries,
        bands: BANDS,
        metrics,
      }),
      metrics,
      inventory,
      index: () => serving.current(),
      galleries,
      store,
      translations: loadTranslations(join(assetsFolder, 'locales')),
      status: createStatus({
        model: { manifest: { name: 'colours', version: '1', head: 'none' } },
        embedder,
        index: () => serving.current(),
        inventory,
        catalogue,
      } as never),
      createCommands,
      audit,
      limits,
      logger: createLogger('silent'),
      clock: fastClock,
    });
    return { conversation, store, kill };
  }

  let running = startProcess();
  return {
    get conversation() {
      return running.conversation;
    },
    get store() {
      return running.store;
    },
    catalogue,
    pictures,
    metrics,
    audit,
    photoSide: embedder.input.side,
    maxPhotoBytes: PHOTO_LIMITS.bytes,
    hold: (priority) => gate.hold(priority),
    get held() {
      return gate.held();
    },
    expireButtons: () => folder.store.namespace('chat-buttons').clear(),
    addPicture: (id, colour) => addItem(source, { id, colour, labels: { type: 'Shirts', colour: 'Red' } }),
    async removeItems(count) {
      const rows = (await readFile(table, 'utf8')).split('\n');
      await writeFile(table, rows.slice(count).join('\n'));
    },
    restart() {
      running.kill();
      running = startProcess();
    },
    async close() {
      await running.conversation.close();
      await serving.close();
      await folder.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

// --- Internal helpers ---

async function openScenarioInventory(root: string, embedder: Embedder) {
  const { data, table } = inventoryPaths(root);
  const logger = createLogger('silent');
  const folder = await openDataFolder(data, 'a scenario');
  const decoder = createPhotoDecoder();
  const serving = createServingIndex();
  const openIndex = () =>
    openHnswIndex({ folder: folder.indexFolder, fingerprint: COLOUR_FINGERPRINT, logger });
  const parts = await openInventory({
    folder,
    embedder,
    decoder,
    serving,
    duplicateFrom: BANDS.duplicateFrom,
    openIndex,
    logger,
  });
  const index = await openIndex();
  if (index) {
    serving.replace(index);
    await moveSource(folder, table);
  }
  return { folder, decoder, serving, ...parts };
}

async function importInventory(root: string): Promise<void> {
  const { folder, serving, inventory } = await openScenarioInventory(root, createColourEmbedder());
  await inventory.import(inventoryPaths(root).table);
  await serving.close();
  await folder.close();
}

/** Waits of up to 10 s, such as the 5 s between progress updates, are fifty times shorter. Longer timeouts are unchanged. */
const fastClock: Clock = {
  now: () => systemClock.now(),
  wait: (ms, signal) => systemClock.wait(ms <= 10_000 ? ms / 50 : ms, signal),
};

function holdable(embedder: Embedder) {
  const gates: Record<Priority, Promise<void> | undefined> = { interactive: undefined, bulk: undefined };
  const waiting: Record<Priority, number> = { interactive: 0, bulk: 0 };
  const held: Embedder = {
    ...embedder,
    async embed(pixels, options) {
      waiting[options.priority]++;
      await Promise.race([gates[options.priority], ...aborted(options.signal)]);
      waiting[options.priority]--;
      return embedder.embed(pixels, options);
    },
  };
  return {
    embedder: held,
    // A photo of a person is embedded in two views.
    held: () => waiting.interactive / 2 + waiting.bulk,
    hold(priority: Priority): () => void {
      let release: () => void = () => undefined;
      gates[priority] = new Promise((resolve) => {
        release = resolve;
      });
      return () => {
        gates[priority] = undefined;
        release();
      };
    },
  };
}

function aborted(signal: AbortSignal | undefined): Promise<void>[] {
  if (!signal) return [];
  return [
    new Promise((resolve) => {
      const end = (): void => {
        resolve();
      };
      if (signal.aborted) end();
      else signal.addEventListener('abort', end, { once: true });
    }),
  ];
}

/** A store that simulates a crash: after `kill()` its calls never settle, like those of a process that has died. */
function killable(store: Store) {
  let dead = false;
  const guard = (keyv: Keyv): Keyv =>
    new Proxy(keyv, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        return (...values: unknown[]): unknown =>
          dead ? new Promise(() => undefined) : Reflect.apply(member, target, values);
      },
    });
  return {
    store: { ...store, namespace: <T>(name: string) => guard(store.namespace(name)) as Keyv<T> },
    kill: (): void => {
      dead = true;
    },
  };
}
