/** The result of a search, as data. Adapters give it their platform's form. */

import type { Predictions } from '../embed/classifier.ts';
import type { Availability, Labels, PredictedLabels } from '../catalogue/item.ts';
import type { GarmentKind } from '../garments/garment-kinds.ts';
import type { Box } from '../photo/box.ts';
import type { Filter } from '../search/filter.ts';

/** A garment that was found in the photo. */
export interface GalleryGarment {
  readonly kind: GarmentKind;
  readonly box: Box;
  /** That there is such a garment in such a box, 0 to 1, calibrated. */
  readonly probability: number;
  /** Handle of the gallery of this garment alone, valid as long as the one that it stands in. */
  readonly gallery: string;
}

export interface GalleryItem {
  /** 1 is the closest. Further pages of the same gallery go on counting. */
  readonly rank: number;
  readonly id: string;
  readonly title: string;
  /** Cosine, -1 to 1. If this item replaces an out-of-stock duplicate, the duplicate's cosine. */
  readonly similarity: number;
  /** The similarity in words, from the bands in the model's manifest, for example `very similar`. */
  readonly likeness: string;
  /** Labels that the item's source gives. */
  readonly labels: Labels;
  /** Labels that the source does not give, predicted by the model with calibrated probabilities. */
  readonly predicted?: PredictedLabels;
  readonly link?: string;
  readonly price?: string;
  /** Absent when the source does not say. */
  readonly availability?: Availability;
  /** How many other items are the same product (the same picture, or nearly so) and therefore not shown. */
  readonly duplicateCount: number;
  /** The garment that it was found for. Absent when the photo was searched by as a whole. */
  readonly garment?: GarmentKind;
}

export interface Gallery {
  /** Handle for further pages: unguessable, valid for an hour. It stands for the embedding, not for the photo. */
  readonly id: string;
  /** Of an outfit's first page: the closest item of each garment, then the next closest of the most prominent one. */
  readonly items: readonly GalleryItem[];
  /** Whether no match is close (`match-strength.ts`), which the answer must say. */
  readonly weak: boolean;
  /** False when the photo shows nothing that can be searched by; the answer then has no items until somebody asks for them. */
  readonly garmentSeen: boolean;
  /** The garment that is searched by; absent for a whole photo, an outfit and an item. */
  readonly kind?: GarmentKind;
  /** The garments of the photo, those of the most prominent person first; empty when there are none, or nobody looked. */
  readonly garments: readonly GalleryGarment[];
  /** Whether the garments are of several people. */
  readonly severalPeople: boolean;
  /** Size of the upright photo in pixels; absent when the search was not by a photo. */
  readonly photo?: { readonly width: number; readonly height: number };
  /** Whether there is another page. */
  readonly more: boolean;
  readonly filter: Filter;
  /**
   * Labels that the model predicts for the photo, or for the one garment that is searched by. Absent when the search was by
   * an item or an outfit, when no garment was seen, or when the model has no classifier. A type that contradicts the
   * garments that were found is left out.
   */
  readonly shows?: Predictions;
}

/** The gallery as the answer to a photo: without items when no garment was seen. `Recommender.page` gives them to who asks. */
export function firstAnswer(gallery: Gallery): Gallery {
  return gallery.garmentSeen ? gallery : { ...gallery, items: [], more: gallery.items.length > 0 };
}

/** Handles of everything that was kept for a gallery. */
export function galleryHandles({ id, garments }: Pick<Gallery, 'id' | 'garments'>): string[] {
  return [...new Set([id, ...garments.map(({ gallery }) => gallery)])];
}
