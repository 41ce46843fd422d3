/** The result of a search, as data. Adapters give it their platform's form. */

import type { Predictions } from '../embed/classifier.ts';
import type { Availability, Labels, PredictedLabels } from '../catalogue/item.ts';
import type { Filter } from '../search/filter.ts';

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
}

export interface Gallery {
  /** Handle for further pages: unguessable, valid for an hour. It stands for the embedding, not for the photo. */
  readonly id: string;
  readonly items: readonly GalleryItem[];
  /** Whether the best match of the whole search is below the model's `weakBelow`, which the answer must say. */
  readonly weak: boolean;
  /** Whether there is another page. */
  readonly more: boolean;
  readonly filter: Filter;
  /** Labels that the model predicts for the photo. Absent when the search was by an item, or the model has no classifier. */
  readonly shows?: Predictions;
}
