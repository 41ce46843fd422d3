/** Takes a photo and returns a gallery. The only file that knows the whole path between the two. */

import type { GallerySession, GallerySessions } from './gallery-sessions.ts';
import type { Classifier } from '../embed/classifier.ts';
import { embedViews, type PhotoEmbedding } from './embed-views.ts';
import type { Embedder } from '../embed/embedder.ts';
import type { Manifest } from '../embed/model.ts';
import { BusyError, InputError } from '../util/errors.ts';
import { distinctNeighbours } from './distinct-neighbours.ts';
import type { Gallery, GalleryItem } from './gallery.ts';
import { itemsToShow, type ShownItem } from './items-to-show.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { PhotoDecoder } from '../photo/decode-photo.ts';
import type { Filter } from '../search/filter.ts';
import type { ItemIndex } from '../search/item-index.ts';

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
   * Finds the items closest to a photo.
   * @param photo the file's bytes: JPEG, PNG, WebP, GIF (first frame) or AVIF.
   * @throws {InputError} when the photo cannot be used.
   * @throws {BusyError} when too many photos are waiting.
   */
  recommend(
    photo: Uint8Array,
    options?: GalleryOptions & { readonly signal?: AbortSignal | undefined },
  ): Promise<Gallery>;
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
  readonly decoder: Pick<PhotoDecoder, 'views'>;
  readonly embedder: Embedder;
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
  const { decoder, embedder, classifier, index, catalogue, sessions, bands, metrics } = dependencies;

  /** A catalogue picture is searched by its unmodified embedding, so that its item is found with its full similarity. */
  async function searchVector({ whole, mean }: PhotoEmbedding): Promise<Float32Array> {
    const [best] = await metrics.timed('own-picture', () => index().nearest(whole, 1));
    return best && best.similarity >= (bands.words[0]?.from ?? 1) ? whole : mean;
  }

  /** A reindex that swaps the index during a search may remove items that were found; the new index is then searched. */
  async function openGallery(id: string, session: GallerySession, options: PageOptions): Promise<Gallery> {
    for (;;) {
      const searched = index();
      const { gallery, missing } = await search(searched, id, session, options);
      if (!missing || index() === searched) return gallery;
    }
  }

  /** @returns `missing`: whether an item was found that is no longer in the catalogue. The gallery goes without it. */
  async function search(
    searched: ItemIndex,
    id: string,
    session: GallerySession,
    options: PageOptions,
  ): Promise<{ gallery: Gallery; missing: boolean }> {
    const { embedding, without } = session;
    const { offset, count, filter } = checked(options);
    const found = await metrics.timed('search', () =>
      distinctNeighbours({
        index: searched,
        vector: embedding,
        // One more than the page holds, to know whether there is another page.
        wanted: offset + count + 1,
        duplicateFrom: bands.duplicateFrom,
        filter,
        without,
      }),
    );
    const items = await metrics.timed('gallery', async () => {
      const products = found.slice(offset, offset + count);
      const shown = await itemsToShow(products, embedding, { catalogue, index: searched });
      return shown.flatMap((entry, n) => (entry ? [galleryItem(entry, offset + n + 1, bands)] : []));
    });
    const best = found[0];
    const gallery = {
      id,
      items,
      weak: best !== undefined && best.similarity < bands.weakBelow,
      more: found.length > offset + count,
      filter: filter ?? {},
      // The labels of an item are known; only those of a photo are predicted.
      ...(classifier && without === undefined && { shows: classifier.classify(embedding) }),
    };
    return { gallery, missing: items.length < Math.min(count, found.length - offset) };
  }

  return {
    async recommend(photo, options = {}) {
      checked(options); // before any work
      try {
        const { signal } = options;
        const priority = 'interactive';
        const views = await metrics.timed('decode', () =>
          decoder.views(photo, embedder.input, { priority, signal }),
        );
        const embedded = await metrics.timed('embed', () =>
          embedViews(embedder, views, { priority, signal }),
        );
        const session = { embedding: await searchVector(embedded) };
        const gallery = await openGallery(await sessions.open(session), session, options);
        metrics.photo(gallery.weak ? 'weak' : 'answered');
        return gallery;
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

function galleryItem(
  { item, similarity, duplicateCount }: ShownItem,
  rank: number,
  bands: Manifest['similarity'],
): GalleryItem {
  const { id, title, labels, predicted, link, price, availability } = item;
  return {
    rank,
    id,
    title,
    similarity,
    likeness: likenessOf(similarity, bands),
    labels,
    ...(predicted && { predicted }),
    ...(link !== undefined && { link }),
    ...(price !== undefined && { price }),
    ...(availability !== undefined && { availability }),
    duplicateCount,
  };
}

function likenessOf(similarity: number, { words }: Manifest['similarity']): string {
  const band = words.find(({ from }) => similarity >= from) ?? words.at(-1);
  return band?.word ?? '';
}

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
