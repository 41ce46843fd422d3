/** A conversation over a small but real recommender: decoder, exact index, catalogue and sessions, and an embedder of colours. */

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import sharp from 'sharp';
import { createCommands } from '../../commands/index.ts';
import type { Conversation, IncomingPhoto, Origin, PhotoPost } from '../../src/chat/conversation.ts';
import { createConversation, type ConversationDependencies } from '../../src/chat/create-conversation.ts';
import type { Reply } from '../../src/chat/reply.ts';
import { loadTranslations } from '../../src/chat/translations.ts';
import type { Gallery } from '../../src/recommend/gallery.ts';
import { createGallerySessions } from '../../src/recommend/gallery-sessions.ts';
import { createCatalogue } from '../../src/catalogue/catalogue.ts';
import type { Item } from '../../src/catalogue/item.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';
import { createPhotoDecoder } from '../../src/photo/decode-photo.ts';
import { createRecommender } from '../../src/recommend/recommend.ts';
import { createExactIndex } from '../../src/search/exact-index.ts';
import type { ItemIndex } from '../../src/search/item-index.ts';
import type { Store } from '../../src/store/store.ts';
import { type ColourEmbedder, COLOUR_FINGERPRINT, createColourEmbedder } from '../fakes/colour-embedder.ts';
import { createMemoryAudit, type MemoryAudit } from '../memory-audit.ts';
import { createMemoryStore } from '../memory-store.ts';
import { createTestClock, type TestClock } from '../test-clock.ts';

export const LOCALES = join(fileURLToPath(new URL('../..', import.meta.url)), 'assets', 'locales');
export const translations = loadTranslations(LOCALES);

/** Generous, so that only tests about limits meet them. */
const NO_LIMITS = { person: undefined, community: undefined, presses: undefined };

export interface Bench {
  readonly conversation: Conversation;
  readonly store: Store;
  readonly clock: TestClock;
  readonly embedder: ColourEmbedder;
  readonly index: ItemIndex;
  readonly audit: MemoryAudit;
  /** Every log line so far. */
  readonly lines: string[];
  /** The same again after a restart of the process: only the store is what it was. */
  restarted(): Promise<Bench>;
}

export type BenchOptions = Partial<ConversationDependencies>;

export async function createBench(
  options: BenchOptions = {},
  kept: Pick<Bench, 'store' | 'clock'> = { store: createMemoryStore(), clock: createTestClock() },
): Promise<Bench> {
  const { store, clock } = kept;
  const embedder = createColourEmbedder();
  const decoder = createPhotoDecoder();
  const wares = await shelf();
  const catalogue = createCatalogue(store.namespace('items'));
  await catalogue.set(wares.map(({ item }) => item));
  const rows: number[] = [];
  for (const { bytes } of wares) {
    const pixels = await decoder.decode(bytes, embedder.input);
    rows.push(...(await embedder.embed(pixels, { priority: 'bulk' })));
  }
  const before = embedder.embedded;
  const index = createExactIndex({
    fingerprint: COLOUR_FINGERPRINT,
    entries: wares.map(({ item: { id, picture, labels } }) => ({ id, picture, labels })),
    vectors: Float32Array.from(rows),
    createdAt: new Date(0),
  });
  const galleries = createGallerySessions(store.namespace('galleries'), COLOUR_FINGERPRINT);
  const lines: string[] = [];
  const audit = createMemoryAudit();
  const metrics = createMetrics();
  const dependencies: ConversationDependencies = {
    recommender: createRecommender({
      decoder,
      embedder,
      index: () => index,
      catalogue,
      sessions: galleries,
      bands: {
        weakBelow: 0.5,
        duplicateFrom: 0.9999,
        words: [
          { from: 0.98, word: 'nearly identical' },
          { from: 0.8, word: 'very similar' },
          { from: 0.5, word: 'similar' },
          { from: -1, word: 'loosely similar' },
        ],
        derivedFrom: 'nothing: colours are easy',
      },
      metrics,
    }),
    metrics,
    inventory: { reindex: noInventory, plan: noInventory },
    audit,
    index: () => index,
    galleries,
    store,
    translations,
    createCommands,
    status: () =>
      Promise.resolve({
        model: { name: 'net', version: '1', head: 'pca' },
        embedder: {
          engine: 'onnx',
          device: 'cpu',
          skipped: [{ engine: 'onnx on cuda', reason: 'no library' }],
          isAlive: true,
          waiting: { interactive: 1, bulk: 2 },
        },
        index: { size: 44_441, types: 80, createdAt: new Date(0) },
        sources: [{ name: 'shop', items: 44_441, hidden: 12, readAt: new Date(0) }],
        types: [
          { value: 'Shirts', count: 40_000 },
          { value: 'Hats', count: 4_441 },
        ],
        recall: { value: 0.9987, k: 10, queries: 50 },
        runs: [],
        uptimeSeconds: 3_725,
      }),
    limits: NO_LIMITS,
    logger: pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) }),
    clock,
    ...options,
  };
  return {
    conversation: createConversation(dependencies),
    store,
    clock,
    embedder: {
      ...embedder,
      get embedded() {
        return (embedder.embedded - before) / 2; // two views for each photo
      },
    },
    index,
    audit,
    lines,
    restarted: () => createBench(options, kept),
  };
}

export function origin(changes: Partial<Origin> = {}): Origin {
  return {
    door: 'discord',
    person: 'ada',
    place: 'outfits',
    community: 'guild',
    locale: 'en-GB',
    isModerator: () => Promise.resolve(false),
    ...changes,
  };
}

export function moderator(changes: Partial<Origin> = {}): Origin {
  return origin({ person: 'mod', isModerator: () => Promise.resolve(true), ...changes });
}

let messages = 0;

/** A post that asks for one red photo, unless told otherwise. */
export async function post(changes: Partial<PhotoPost> = {}): Promise<PhotoPost> {
  return {
    origin: origin(),
    message: `message-${++messages}`,
    trigger: 'mention',
    photos: [await photo('#f01818')],
    ...changes,
  };
}

/** A photo of one colour. */
export async function photo(colour: string, changes: Partial<IncomingPhoto> = {}): Promise<IncomingPhoto> {
  const bytes = await picture(colour);
  return { spoiler: false, read: () => Promise.resolve(bytes), ...changes };
}

export function photoOf(read: IncomingPhoto['read']): IncomingPhoto {
  return { spoiler: false, read };
}

/** Everything that a person would read, a line each. */
export function textOf(reply: Reply | undefined): string {
  return (reply?.blocks ?? [])
    .flatMap((block): readonly string[] => {
      switch (block.kind) {
        case 'text':
          return [block.text];
        case 'list':
          return block.items;
        case 'facts':
          return block.facts.map(({ name, value }) => `${name}: ${value}`);
        case 'gallery':
          return block.details ?? [];
      }
    })
    .join('\n');
}

export function galleriesOf(reply: Reply | undefined): Gallery[] {
  return (reply?.blocks ?? []).flatMap((block) => (block.kind === 'gallery' ? [block.gallery] : []));
}

export function labelsOf(reply: Reply | undefined): string[] {
  return (reply?.buttons ?? []).map(({ label }) => label);
}

/** The handle of the button with this label. */
export function handleOf(reply: Reply | undefined, label: string): string {
  const button = reply?.buttons?.find((candidate) => candidate.label === label);
  if (!button) throw new Error(`No button "${label}" among: ${labelsOf(reply).join(', ')}`);
  return button.handle;
}

export function choiceOf(reply: Reply | undefined, label: string) {
  const choice = reply?.choices?.find((candidate) => candidate.label === label);
  if (!choice) throw new Error(`No choice "${label}".`);
  const valueOf = (option: string): string => {
    const found = choice.options.find((candidate) => candidate.label === option);
    if (!found) throw new Error(`No option "${option}" in "${label}".`);
    return found.value;
  };
  return { ...choice, valueOf };
}

// --- Internal helpers ---

function noInventory(): Promise<never> {
  return Promise.reject(new Error('This test has no inventory to read.'));
}

/** Of all other items the shop does not say. */
const AVAILABILITY: Readonly<Record<string, Pick<Item, 'availability'>>> = {
  'red-1': { availability: 'out of stock' },
  'red-2': { availability: 'in stock' },
  'red-4': { availability: 'preorder' },
  'red-5': { availability: 'backorder' },
};

const pictures = new Map<string, Promise<Uint8Array>>();

function picture(colour: string): Promise<Uint8Array> {
  const made =
    pictures.get(colour) ??
    sharp({ create: { width: 48, height: 64, channels: 3, background: colour } })
      .jpeg()
      .toBuffer();
  pictures.set(colour, made);
  return made;
}

/** Twelve reds, of which ten are shirts, and six greens, all of them dresses. Nothing is near blue. */
async function shelf(): Promise<{ readonly item: Item; readonly bytes: Uint8Array }[]> {
  const reds = Array.from({ length: 12 }, (_, n) => ({
    id: `red-${n + 1}`,
    colour: `rgb(240, ${n * 9}, ${24 + n * 4})`,
    labels: {
      type: n % 6 === 5 ? 'Ties' : 'Shirts',
      colour: n < 6 ? 'Red' : 'Maroon',
      gender: n % 2 === 0 ? 'Men' : 'Women',
    },
  }));
  const greens = Array.from({ length: 6 }, (_, n) => ({
    id: `green-${n + 1}`,
    colour: `rgb(${n * 10}, 230, 20)`,
    labels: { type: 'Dresses', colour: 'Green', gender: 'Women' },
  }));
  return Promise.all(
    [...reds, ...greens].map(async ({ id, colour, labels }) => ({
      bytes: await picture(colour),
      item: {
        id,
        title: `Item ${id}`,
        labels,
        picture: createHash('sha256').update(id).digest('hex'),
        source: 'test',
        ...(id === 'red-1' && { price: '1299 INR' }),
        ...AVAILABILITY[id],
      },
    })),
  );
}
