/** A small but real shop for tests of the web door: it looks at colours only, finds, filters, pages and refuses in earnest. */

import { createHash, randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import sharp from 'sharp';
import { cosine } from '../../../scripts/statistics.ts';
import type { Predictions } from '../../../src/embed/classifier.ts';
import { LABEL_HEAD_NAMES } from '../../../src/embed/model.ts';
import { BusyError, InputError } from '../../../src/util/errors.ts';
import type { Gallery } from '../../../src/recommend/gallery.ts';
import { type Item, LABEL_NAMES, type LabelName } from '../../../src/catalogue/item.ts';
import type { PageOptions, Recommender } from '../../../src/recommend/recommend.ts';
import { matches } from '../../../src/search/filter.ts';
import { WHOLE_PHOTO } from '../../whole-photo.ts';

export interface Ware {
  readonly item: Item;
  /** JPEG. */
  readonly picture: Uint8Array;
}

/** @param openGallery opens another gallery of the same photo. @returns what differs from the gallery of the whole photo. */
export type SeenInPhotos = (gallery: Gallery, openGallery: () => string) => Partial<Gallery>;

export interface TinyShop {
  readonly recommender: Recommender;
  readonly catalogue: { get(id: string): Promise<Item | undefined> };
  readonly pictures: { read(digest: string): Promise<Uint8Array | undefined> };
  readonly labels: () => ReadonlyMap<LabelName, ReadonlyMap<string, number>>;
  /** Photos looked at so far. */
  readonly asked: number;
  /** Photos abandoned because the client disconnected. */
  readonly abandoned: number;
  /** What the shop, which knows no garments, says of the next photos. */
  see(next: SeenInPhotos): void;
  /** Refuses the next photos as too many. */
  refuseNext(times: number): void;
  /** Lets photos wait until the returned function is called. */
  hold(): () => void;
  /** Forgets every gallery given out, as an hour would. */
  expire(): void;
}

const GRID = 8;
const WEAK_BELOW = 0.5;
const DUPLICATE_FROM = 0.9999;
/** Nearest items that tell what a photo shows. */
const VOTERS = 5;

/** @param embed turns a decodable photo into a unit vector. */
export async function createTinyShop(wares: readonly Ware[], embed = embedColours): Promise<TinyShop> {
  const shelf = await Promise.all(
    wares.map(async ({ item, picture }) => ({ item, picture, embedding: await embed(picture) })),
  );
  const byId = new Map(shelf.map((ware) => [ware.item.id, ware]));
  const sessions = new Map<string, { embedding: Float32Array; without?: string }>();
  let refusals = 0;
  let held: Promise<void> | undefined;
  let seen: SeenInPhotos | undefined;
  const counts = { asked: 0, abandoned: 0 };

  function galleryOf(id: string, options: PageOptions = {}): Gallery {
    const session = sessions.get(id);
    if (!session) {
      throw new InputError(
        'unknown-gallery',
        'This answer has expired. Expected one of the last hour; send the photo again.',
      );
    }
    const { count = 5, offset = 0, filter = {} } = options;
    const ranked = shelf
      .filter(({ item }) => item.id !== session.without)
      .map(({ item, embedding }) => ({ item, embedding, similarity: cosine(embedding, session.embedding) }))
      .sort((a, b) => b.similarity - a.similarity);
    const products: ((typeof ranked)[number] & { duplicateCount: number })[] = [];
    for (const candidate of ranked.filter(({ item }) => matches(filter, item.labels))) {
      const same = products.find(({ embedding }) => cosine(embedding, candidate.embedding) >= DUPLICATE_FROM);
      if (same) same.duplicateCount++;
      else products.push({ ...candidate, duplicateCount: 0 });
    }
    return {
      id,
      items: products.slice(offset, offset + count).map(({ item, similarity, duplicateCount }, index) => ({
        rank: offset + index + 1,
        id: item.id,
        title: item.title,
        similarity,
        likeness:
          similarity >= 0.9 ? 'very similar' : similarity >= WEAK_BELOW ? 'similar' : 'loosely similar',
        labels: item.labels,
        ...(item.predicted && { predicted: item.predicted }),
        ...(item.link !== undefined && { link: item.link }),
        ...(item.price !== undefined && { price: item.price }),
        ...(item.availability !== undefined && { availability: item.availability }),
        duplicateCount,
      })),
      ...WHOLE_PHOTO,
      weak: (ranked[0]?.similarity ?? -1) < WEAK_BELOW,
      more: products.length > offset + count,
      filter,
      ...(session.without === undefined && { shows: votes(ranked.slice(0, VOTERS).map(({ item }) => item)) }),
    };
  }

  function open(embedding: Float32Array, without?: string): string {
    const id = randomUUID();
    sessions.set(id, { embedding, ...(without !== undefined && { without }) });
    return id;
  }

  return {
    recommender: {
      async recommend(photo, { signal, ...options } = {}) {
        counts.asked++;
        if (refusals > 0) {
          refusals--;
          throw new BusyError('Too many photos are waiting. Try again in a moment.', 1);
        }
        if (held) {
          await Promise.race([held, ...(signal ? [abortOf(signal)] : [])]).catch((error: unknown) => {
            counts.abandoned++;
            throw error;
          });
        }
        await refuseUnreadable(photo);
        const embedding = await embed(photo);
        const gallery = galleryOf(open(embedding), options);
        // A box of one's own is answered as it is.
        return seen && !options.box ? { ...gallery, ...seen(gallery, () => open(embedding)) } : gallery;
      },
      page: async (id, options) => Promise.resolve(galleryOf(id, options)),
      async similar(id, options) {
        const ware = byId.get(id);
        if (!ware) throw new InputError('unknown-item', 'There is no item with this id. Check the id.');
        return Promise.resolve(galleryOf(open(ware.embedding, id), options));
      },
    },
    catalogue: { get: async (id) => Promise.resolve(byId.get(id)?.item) },
    pictures: {
      read: async (digest) => Promise.resolve(shelf.find(({ item }) => item.picture === digest)?.picture),
    },
    labels: () =>
      new Map(LABEL_NAMES.map((name) => [name, countValues(shelf.map(({ item }) => item.labels[name]))])),
    get asked() {
      return counts.asked;
    },
    get abandoned() {
      return counts.abandoned;
    },
    see(next) {
      seen = next;
    },
    refuseNext(times) {
      refusals = times;
    },
    hold() {
      const gate = new EventEmitter();
      held = once(gate, 'open').then(() => undefined);
      return () => {
        held = undefined;
        gate.emit('open');
      };
    },
    expire() {
      sessions.clear();
    },
  };
}

export function ware(picture: Uint8Array, item: Omit<Item, 'picture' | 'source'>): Ware {
  return {
    picture,
    item: {
      ...item,
      picture: createHash('sha256').update(picture).update(item.id).digest('hex'),
      source: 'test',
    },
  };
}

// --- Internal helpers ---

/** @throws {InputError} in the words of a real photo check, for a photo that cannot be used. */
async function refuseUnreadable(photo: Uint8Array): Promise<void> {
  if (photo.length === 0) {
    throw new InputError('photo-empty', 'Expected a photo, got a file of 0 bytes. Choose another file.');
  }
  if (Buffer.from(photo.subarray(4, 12)).toString('latin1') === 'ftypheic') {
    throw new InputError('photo-unsupported-format', 'HEIC photos cannot be read. Send the photo as JPEG.');
  }
  const opened = sharp(photo);
  await opened.metadata().catch((cause: unknown) => {
    const message = 'Expected a JPEG, PNG, WebP, GIF or AVIF photo, got something else. Choose another file.';
    throw new InputError('photo-not-an-image', message, { cause });
  });
  await opened.stats().catch((cause: unknown) => {
    throw new InputError('photo-damaged', 'The photo is cut off or damaged. Send it again.', { cause });
  });
}

/** The colours of an 8x8 grid, seen from the white that catalogue pictures have around the item. */
async function embedColours(photo: Uint8Array): Promise<Float32Array> {
  const pixels = await sharp(photo)
    .removeAlpha()
    .toColourspace('srgb')
    .resize(GRID, GRID, { fit: 'fill' })
    .raw()
    .toBuffer();
  const vector = Float32Array.from(pixels, (value) => (255 - value) / 255 + 1e-6);
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return vector.map((value) => value / length);
}

/** The most frequent value of each label, with its share as probability. */
function votes(items: readonly Item[]): Predictions {
  const heads = LABEL_HEAD_NAMES.flatMap((label) => {
    const [best] = countValues(items.map(({ labels }) => labels[label]));
    return best ? [[label, { value: best[0], probability: best[1] / items.length }] as const] : [];
  });
  return Object.fromEntries(heads);
}

function countValues(values: readonly (string | undefined)[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
  return new Map([...counts].sort(([, a], [, b]) => b - a));
}

function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });
}
