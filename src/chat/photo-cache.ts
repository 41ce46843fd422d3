/** Answers a repeated photo from the gallery of its first time. Holds digests and gallery ids, no photos. */

import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { InputError } from '../util/errors.ts';
import { firstAnswer, type Gallery, galleryHandles } from '../recommend/gallery.ts';
import type { Recommender } from '../recommend/recommend.ts';
import type { Filter } from '../search/filter.ts';
import type { Clock } from '../util/clock.ts';

export interface PhotoQuery {
  readonly photo: Uint8Array;
  readonly filter: Filter | undefined;
  /** Key of the person who sent it. */
  readonly person: string;
  readonly signal: AbortSignal;
}

export interface PhotoCache {
  /** @throws what `Recommender.recommend` throws. */
  galleryOf(query: PhotoQuery): Promise<FoundGallery>;
  /** Deletes the entries of photos that this person was the first to send. Returns the ids of their galleries. */
  forget(person: string): Promise<string[]>;
}

export interface FoundGallery {
  readonly gallery: Gallery;
  /** Handles of what was opened for this photo; empty when the gallery is that of an earlier one. */
  readonly opened: readonly string[];
}

interface Entry {
  readonly person: string;
  /**
   * Handles of the gallery and of those of its garments, its own first. Pending while the photo is being searched by, so that
   * the same photo sent twice at once is embedded once. Undefined when the search failed: the next photo tries again.
   */
  readonly handles: Promise<readonly string[] | undefined>;
}

export const CACHED_MS = 10 * 60 * 1000;
/** Each entry takes about 200 bytes. */
const MAX_CACHED = 2000;

export function createPhotoCache(recommender: Recommender, clock: Pick<Clock, 'now'>): PhotoCache {
  const entries = new LRUCache<string, Entry>({
    max: MAX_CACHED,
    ttl: CACHED_MS,
    ttlResolution: 0,
    perf: clock,
  });

  async function again(entry: Entry, filter: Filter | undefined): Promise<Gallery | undefined> {
    const [id] = (await entry.handles) ?? [];
    if (id === undefined) return undefined;
    try {
      return firstAnswer(await recommender.page(id, { filter }));
    } catch (error) {
      if (error instanceof InputError && error.problem === 'unknown-gallery') return undefined;
      throw error;
    }
  }

  return {
    async galleryOf({ photo, filter, person, signal }) {
      const digest = createHash('sha256').update(photo).digest('hex');
      // No await between reading and setting the entry of a new photo: the same photo may arrive a moment later.
      const known = entries.get(digest);
      const cached = known && (await again(known, filter));
      if (cached) return { gallery: cached, opened: [] };
      const found = recommender.recommend(photo, { filter, signal });
      entries.set(digest, { person, handles: found.then(galleryHandles, () => undefined) });
      const gallery = await found;
      return { gallery, opened: galleryHandles(gallery) };
    },

    async forget(person) {
      const own = [...entries.entries()].filter(([, entry]) => entry.person === person);
      for (const [digest] of own) entries.delete(digest);
      const handles = await Promise.all(own.map(([, entry]) => entry.handles));
      return handles.flatMap((known) => known ?? []);
    },
  };
}
