/** What an answer is, as data. Doors turn it into their platform's form. */

import type { Predictions } from '../embed/classifier.ts';
import type { Availability, Labels, PredictedLabels } from '../catalogue/item.ts';
import type { Filter } from '../search/filter.ts';

export interface GalleryItem {
  /** 1 is the closest. Continues over further pages of the same gallery. */
  readonly rank: number;
  readonly id: string;
  readonly title: string;
  /** Cosine, -1 to 1; where it stands for a nearer one of the same product that is out of stock, that one's. */
  readonly similarity: number;
  /** The band of that cosine in words, from the model's manifest, for example `very similar`. */
  readonly likeness: string;
  readonly labels: Labels;
  /** Labels that its source does not give, as the model tells them with calibrated probabilities. */
  readonly predicted?: PredictedLabels;
  readonly link?: string;
  readonly price?: string;
  /** Absent: the source does not say. */
  readonly availability?: Availability;
  /** How many further items are the same product (same picture or nearly so) and therefore not shown. */
  readonly alike: number;
}

export interface Gallery {
  /** Handle for more of the same: valid for an hour, unguessable, stands for the embedding and not for the photo. */
  readonly id: string;
  readonly items: readonly GalleryItem[];
  /** The best match of the whole search is under the model's weak band: say so plainly. */
  readonly weak: boolean;
  /** Whether another page would hold anything. */
  readonly more: boolean;
  readonly filter: Filter;
  /** What the photo shows, as the model tells it; absent when an item was searched by, or by a model that tells nothing. */
  readonly shows?: Predictions;
}
