/** From a page of found items to a gallery. Pure. */

import type { Classifier } from '../embed/classifier.ts';
import type { Manifest } from '../embed/model.ts';
import type { Filter } from '../search/filter.ts';
import type { Gallery, GalleryItem } from './gallery.ts';
import type { GallerySession } from './gallery-sessions.ts';
import { crediblePredictions, isWeak, kindsAgree } from './match-strength.ts';
import type { FoundItem, SearchPage } from './search-session.ts';

export interface BuildGalleryOptions {
  readonly id: string;
  readonly session: GallerySession;
  readonly page: SearchPage;
  readonly offset: number;
  readonly filter: Filter | undefined;
  readonly bands: Manifest['similarity'];
  readonly classifier: Classifier | undefined;
}

export function buildGallery(options: BuildGalleryOptions): Gallery {
  const { id, session, page, offset, filter, bands, classifier } = options;
  const { photo, kind, without } = session;
  const garmentSeen = photo?.garmentSeen ?? true;
  const kinds = kind === undefined ? (photo?.garments ?? []).map((garment) => garment.kind) : [kind];
  const isPredicted = classifier && without === undefined && garmentSeen && !photo?.isOutfit;
  // The labels of an item are known; only those of a photo are predicted.
  const shows = isPredicted ? classifier.classify(session.embedding) : undefined;
  const isWeakMatch = ({ similarity, type }: SearchPage['best'][number]): boolean =>
    without === undefined
      ? isWeak(similarity, kindsAgree({ kinds, shows }, type), bands)
      : similarity < bands.weakBelow;
  return {
    id,
    items: page.items.flatMap((item, n) => (item ? [galleryItem(item, offset + n + 1, bands)] : [])),
    weak: page.best.length > 0 && (!garmentSeen || page.best.every(isWeakMatch)),
    garmentSeen,
    ...(kind !== undefined && { kind }),
    garments: (photo?.garments ?? []).map(({ gallery = id, ...garment }) => ({ ...garment, gallery })),
    severalPeople: photo?.severalPeople ?? false,
    more: page.more,
    filter: filter ?? {},
    ...(photo && { photo: { width: photo.width, height: photo.height } }),
    ...(shows && { shows: crediblePredictions(shows, kinds) }),
  };
}

// --- Internal helpers ---

function galleryItem(found: FoundItem, rank: number, bands: Manifest['similarity']): GalleryItem {
  const { item, similarity, duplicateCount, garment } = found;
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
    ...(garment !== undefined && { garment }),
  };
}

function likenessOf(similarity: number, { words }: Manifest['similarity']): string {
  const band = words.find(({ from }) => similarity >= from) ?? words.at(-1);
  return band?.word ?? '';
}
