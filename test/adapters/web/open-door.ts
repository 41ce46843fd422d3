/** The web door over a tiny shop, with its log lines at hand. */

import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import {
  createWebAdapter,
  type WebAdapter,
  type WebAdapterDependencies,
} from '../../../src/adapters/web/web-adapter.ts';
import { InputError } from '../../../src/util/errors.ts';
import type { Reply } from '../../../src/chat/reply.ts';
import { drawnWares } from './drawn-wares.ts';
import { createTinyShop, type TinyShop, type Ware } from './tiny-shop.ts';

export interface Door {
  readonly web: WebAdapter;
  readonly shop: TinyShop;
  /** Every log line so far, parsed. */
  readonly lines: Record<string, unknown>[];
}

export interface DoorOptions extends Partial<WebAdapterDependencies> {
  readonly wares?: readonly Ware[];
}

export async function createDoor(options: DoorOptions = {}): Promise<Door> {
  const shop = await createTinyShop(options.wares ?? (await drawnWares()));
  const lines: Record<string, unknown>[] = [];
  const logger = pino(
    { level: 'trace' },
    { write: (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const web = createWebAdapter({
    recommender: shop.recommender,
    catalogue: shop.catalogue,
    pictures: shop.pictures,
    labels: shop.labels,
    chat: { say: async (text) => say(shop, text) },
    metrics: {
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
      doorPhoto: () => undefined,
      render: async () => Promise.resolve('# HELP fashion_photos_total Photos.\nfashion_photos_total 3\n'),
    },
    ready: () => ({ ready: true }),
    host: '127.0.0.1',
    port: 0,
    allowedHosts: [],
    assetsFolder: fileURLToPath(new URL('../../../assets', import.meta.url)),
    logger,
    maxPhotoBytes: 200_000,
    ...options,
  });
  return { web, shop, lines };
}

/** A field of a form: text, or the bytes of a file. */
export type Part = readonly [name: string, value: string | Uint8Array, filename?: string];

/** The multipart body that a browser would send. */
export async function form(...parts: readonly Part[]) {
  const data = new FormData();
  for (const [name, value, filename] of parts) {
    if (typeof value === 'string') data.append(name, value);
    else data.append(name, new Blob([Uint8Array.from(value)]), filename ?? 'photo.jpg');
  }
  const encoded = new Response(data);
  return {
    payload: Buffer.from(await encoded.arrayBuffer()),
    headers: { 'content-type': encoded.headers.get('content-type') ?? '' },
  };
}

// --- Internal helpers ---

/** One reply with every kind of block, one plain answer, and the refusal of an empty text. */
async function say(shop: TinyShop, text: string): Promise<Reply> {
  if (text.trim() === '')
    throw new InputError('bad-request', 'Expected a text, got an empty one. Type /help.');
  if (text !== '/help') return { blocks: [{ kind: 'text', text: 'Send me a photo, or type /help.' }] };
  const gallery = await shop.recommender.similar('item-20', { count: 2 });
  return {
    blocks: [
      { kind: 'text', text: 'Send me a photo of an outfit.' },
      { kind: 'list', items: ['/help shows this.', '/status tells how I am.'] },
      { kind: 'facts', facts: [{ name: 'Items', value: '22' }] },
      { kind: 'gallery', gallery },
    ],
  };
}
