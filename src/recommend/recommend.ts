/** Takes a photo and returns a gallery. The only file that knows the whole path between the two. */

import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Classifier } from '../embed/classifier.ts';
import type { Embedder } from '../embed/embedder.ts';
import type { Manifest } from '../embed/model.ts';
import type { GarmentFinder } from '../garments/garment-finder.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { PhotoDecoder } from '../photo/decode-photo.ts';
import type { Filter } from '../search/filter.ts';
import type { ItemIndex } from '../search/item-index.ts';
import { BusyError, InputError } from '../util/errors.ts';
import { buildGallery } from './build-gallery.ts';
import type { PhotoEmbedding } from './embed-views.ts';
import { firstAnswer, type Gallery } from './gallery.ts';
import type { GallerySession, GallerySessions } from './gallery-sessions.ts';
import { createReadPhoto, type PhotoReading, type ReadPhotoOptions } from './read-photo.ts';
import { createSearchSession } from './search-session.ts';

export interface GalleryOptions {
  /** Products on the page, 1 to 20. Default 5. */
  readonly count?: number | undefined;
  readonly filter?: Filter | undefined;
}

export interface PageOptions extends GalleryOptions {
  /** Distinct products to skip, 0 to 200. Default 0. */
  readonly offset?: number | undefined;
}

export interface Recommender {
  /**
   * Finds the items closest to a photo, or to one garment in its box. A photo without a garment gets no items until `page`
   * is asked for them.
   * @param photo the file's bytes: JPEG, PNG, WebP, GIF (first frame) or AVIF.
   * @throws {InputError} when the photo cannot be used.
   * @throws {BusyError} when too many photos are waiting.
   */
  recommend(photo: Uint8Array, options?: GalleryOptions & ReadPhotoOptions): Promise<Gallery>;
  /**
   * Returns another page of an earlier gallery, or its search with another filter.
   * @throws {InputError} `unknown-gallery` when it has expired.
   */
  page(galleryId: string, options?: PageOptions): Promise<Gallery>;
  /**
   * Finds the items closest to an item of the inventory, without the item itself.
   * @throws {InputError} `unknown-item`.
   */
  similar(itemId: string, options?: PageOptions): Promise<Gallery>;
}

export interface RecommenderDependencies {
  readonly decoder: Pick<PhotoDecoder, 'open'>;
  readonly embedder: Embedder;
  /** Finds garments in photos. Default: photos are searched by as a whole. */
  readonly finder?: Pick<GarmentFinder, 'find' | 'side'> | undefined;
  /** Predicts the labels of a photo. Default: nothing is predicted. */
  readonly classifier?: Classifier;
  /** The index that serves at this moment; a reindex may swap it between two calls. */
  readonly index: () => ItemIndex;
  readonly catalogue: Pick<Catalogue, 'getMany'>;
  readonly sessions: GallerySessions;
  /** The cosine bands of the model. */
  readonly bands: Manifest['similarity'];
  readonly metrics: Pick<Metrics, 'photo' | 'timed'>;
}

export const DEFAULT_COUNT = 5;
export const MAX_COUNT = 20;
export const MAX_OFFSET = 200;

export function createRecommender(dependencies: RecommenderDependencies): Recommender {
  const { classifier, index, sessions, bands, metrics } = dependencies;
  const readPhoto = createReadPhoto(dependencies);
  const searchSession = createSearchSession({ ...dependencies, duplicateFrom: bands.duplicateFrom });

  /** A reindex that swaps the index during a search may remove items that were found; the new index is then searched. */
  async function openGallery(id: string, session: GallerySession, options: PageOptions): Promise<Gallery> {
    const { offset, count, filter } = checked(options);
    for (;;) {
      const searched = index();
      const page = await searchSession(searched, session, { offset, count, filter });
      if (page.items.includes(undefined) && index() !== searched) continue;
      return buildGallery({ id, session, page, offset, filter, bands, classifier });
    }
  }

  /** Whether the photo is a picture of the catalogue. */
  async function isOwnPicture({ whole }: PhotoEmbedding): Promise<boolean> {
    const [best] = await metrics.timed('own-picture', () => index().nearest(whole, 1));
    return best !== undefined && best.similarity >= (bands.words[0]?.from ?? 1);
  }

  /** A session for each garment that is searched by alone, and the session of the answer. */
  async function sessionOf(reading: PhotoReading): Promise<GallerySession> {
    const { embedding, garments, size, severalPeople } = reading;
    // A picture of the catalogue is searched by its unmodified embedding, so that its item is found with its full similarity.
    const isOwn = await isOwnPicture(embedding);
    const opened = await Promise.all(
      garments.map(async ({ kind, box, probability, embedding: own }) => ({
        kind,
        box,
        probability,
        ...(own && { gallery: await sessions.open({ embedding: own, kind }) }),
      })),
    );
    return {
      embedding: isOwn ? embedding.whole : embedding.mean,
      photo: {
        ...size,
        garmentSeen: isOwn || reading.garmentSeen,
        garments: opened,
        isOutfit: reading.isOutfit && !isOwn,
        severalPeople,
      },
    };
  }

  return {
    async recommend(photo, options = {}) {
      checked(options); // before any work
      try {
        const session = await sessionOf(await readPhoto(photo, options));
        const gallery = await openGallery(await sessions.open(session), session, options);
        metrics.photo(!gallery.garmentSeen ? 'no-garment' : gallery.weak ? 'weak' : 'answered');
        return firstAnswer(gallery);
      } catch (error) {
        metrics.photo(outcomeOf(error));
        throw error;
      }
    },

    async page(galleryId, options = {}) {
      const session = await sessions.get(galleryId);
      if (!session) throw unknownGallery();
      return openGallery(galleryId, session, options);
    },

    async similar(itemId, options = {}) {
      const embedding = await index().vector(itemId);
      if (!embedding) throw unknownItem();
      const session = { embedding, without: itemId };
      return openGallery(await sessions.open(session), session, options);
    },
  };
}

// --- Internal helpers ---

function checked({ offset = 0, count = DEFAULT_COUNT, filter }: PageOptions): {
  offset: number;
  count: number;
  filter: Filter | undefined;
} {
  expectInteger('count', count, 1, MAX_COUNT);
  expectInteger('offset', offset, 0, MAX_OFFSET);
  return { offset, count, filter };
}

function expectInteger(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new InputError(
      'bad-request',
      `Expected ${name} to be a whole number from ${least} to ${most}, got ${value}.`,
    );
  }
}

function outcomeOf(error: unknown): 'refused' | 'busy' | 'failed' {
  if (error instanceof InputError) return 'refused';
  return error instanceof BusyError ? 'busy' : 'failed';
}

function unknownGallery(): InputError {
  return new InputError(
    'unknown-gallery',
    'There is no such answer, or it is more than an hour old and has expired. Send the photo again.',
  );
}

function unknownItem(): InputError {
  return new InputError(
    'unknown-item',
    'There is no such item in the inventory. It may have been removed; search again.',
  );
}
