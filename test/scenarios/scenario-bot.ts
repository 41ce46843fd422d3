/**
 * The bot behind the doors of a scenario: the real conversation over a real inventory in a folder of its own, with an embedder
 * that sees colours. Only what would make a test wait is under its control: the engine can be held, buttons can expire.
 */

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Keyv } from 'keyv';
import sharp from 'sharp';
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
import { COLOUR_FINGERPRINT, createColourEmbedder } from '../fakes/colour-embedder.ts';
import { createMemoryAudit, type MemoryAudit } from '../memory-audit.ts';
import { assetsFolder } from '../shipped-model.ts';
import { type InventoryParts, openInventory } from '../../src/reindex/open-inventory.ts';

export interface ScenarioBot {
  /** Of the process that runs now. */
  readonly conversation: Conversation;
  readonly catalogue: InventoryParts['catalogue'];
  readonly pictures: InventoryParts['pictures'];
  /** Of the process that runs now. */
  readonly store: Store;
  readonly metrics: Metrics;
  /** Of all lives. */
  readonly audit: MemoryAudit;
  readonly photoSide: number;
  readonly maxPhotoBytes: number;
  /** Photos of people (or pictures of an import) wait in the engine until the returned function is called. */
  hold(priority: Priority): () => void;
  /** Photos that wait because of `hold`. */
  readonly held: number;
  /** Every button forgets what it stands for, as an hour would make it. */
  expireButtons(): Promise<void>;
  /** Adds a picture to the folder that `/reindex` reads. */
  addPicture(id: string, colour: string): Promise<void>;
  /** Takes the first `count` items out of what `/reindex` reads. */
  removeItems(count: number): Promise<void>;
  /** The process dies and another begins over the same data folder: nothing in memory survives. */
  restart(): void;
  close(): Promise<void>;
}

/** 48 x 64 pixels of one colour, JPEG. */
export async function colourPhoto(colour: string): Promise<Buffer> {
  return sharp({ create: { width: 480, height: 640, channels: 3, background: colour } })
    .jpeg()
    .toBuffer();
}

/** What photos of these colours find: reds and greens are near, nothing is near blue. */
export const COLOURS = { near: '#f01818', alsoNear: '#18e618', weak: '#1010f0' } as const;

const BANDS = {
  weakBelow: 0.5,
  duplicateFrom: 0.9999,
  words: [
    { from: 0.98, word: 'nearly identical' },
    { from: 0.8, word: 'very similar' },
    { from: 0.5, word: 'similar' },
    { from: -1, word: 'loosely similar' },
  ],
  derivedFrom: 'nothing: colours are easy',
};

export async function createScenarioBot({
  limits = { person: undefined, community: undefined, presses: undefined },
}: { readonly limits?: ChatLimits } = {}): Promise<ScenarioBot> {
  const root = await mkdtemp(join(tmpdir(), 'scenario-'));
  const wares = join(root, 'wares');
  await writeWares(wares);
  const folder = await openDataFolder(join(root, 'data'), 'a scenario');
  const logger = createLogger('silent');
  const { embedder, ...gate } = holdable(createColourEmbedder());
  const metrics = createMetrics();
  const audit = createMemoryAudit();
  const decoder = createPhotoDecoder();
  const open = () => openHnswIndex({ folder: folder.indexFolder, fingerprint: COLOUR_FINGERPRINT, logger });
  const serving = createServingIndex();
  const { inventory, catalogue, pictures } = await openInventory({
    folder,
    embedder,
    decoder,
    serving,
    duplicateFrom: BANDS.duplicateFrom,
    openIndex: open,
    logger,
  });
  await inventory.import(join(wares, 'items.jsonl'));

  function begin() {
    const { store, die } = mortal(folder.store);
    const galleries = createGallerySessions(store.namespace('galleries'), COLOUR_FINGERPRINT);
    const conversation = createConversation({
      recommender: createRecommender({
        decoder,
        embedder,
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
      logger,
      clock: hasteClock,
    });
    return { conversation, store, die };
  }

  let life = begin();
  return {
    get conversation() {
      return life.conversation;
    },
    get store() {
      return life.store;
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
    addPicture: (id, colour) => addWare(wares, { id, colour, labels: { type: 'Shirts', colour: 'Red' } }),
    async removeItems(count) {
      const table = join(wares, 'items.jsonl');
      const rows = (await readFile(table, 'utf8')).split('\n');
      await writeFile(table, rows.slice(count).join('\n'));
    },
    restart() {
      life.die();
      life = begin();
    },
    async close() {
      await life.conversation.close();
      await serving.close();
      await folder.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

// --- Internal helpers ---

/** Progress updates come every 5 s; here, fifty times as often. Limits of half a minute stay what they are. */
const hasteClock: Clock = {
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
    // A photo of a person has two views.
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

/** A store whose holder can die: from then on its calls never come back, as those of a dead process. */
function mortal(store: Store) {
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
    die: (): void => {
      dead = true;
    },
  };
}

interface Ware {
  readonly id: string;
  readonly colour: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** As a shop's export has it; of all other items it does not say. */
const AVAILABILITY: Readonly<Record<string, { readonly availability: string }>> = {
  'red-1': { availability: 'in stock' },
  'red-2': { availability: 'out of stock' },
  'red-3': { availability: 'preorder' },
};

/** Twelve reds and six greens, as a table with pictures. */
async function writeWares(folder: string): Promise<void> {
  await mkdir(folder);
  const reds = Array.from({ length: 12 }, (_, n): Ware => ({
    id: `red-${n + 1}`,
    colour: `rgb(240, ${n * 9}, ${24 + n * 4})`,
    labels: {
      type: n % 6 === 5 ? 'Ties' : 'Shirts',
      colour: n < 6 ? 'Red' : 'Maroon',
      gender: n % 2 === 0 ? 'Men' : 'Women',
    },
  }));
  const greens = Array.from({ length: 6 }, (_, n): Ware => ({
    id: `green-${n + 1}`,
    colour: `rgb(${n * 10}, 230, 20)`,
    labels: { type: 'Dresses', colour: 'Green', gender: 'Women' },
  }));
  for (const ware of [...reds, ...greens]) await addWare(folder, ware);
}

async function addWare(folder: string, { id, colour, labels }: Ware): Promise<void> {
  await writeFile(join(folder, `${id}.jpg`), await colourPhoto(colour));
  const row = {
    id,
    title: `Item <${id}> & more`,
    picture: `${id}.jpg`,
    link: `https://shop.example/${id}`,
    ...AVAILABILITY[id],
    ...labels,
  };
  await writeFile(join(folder, 'items.jsonl'), `${JSON.stringify(row)}\n`, { flag: 'a' });
}
