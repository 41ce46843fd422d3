/** The answer to one photo as a line of JSON, for programs. */

import { labelsToFilter } from '../src/catalogue/predicted-labels.ts';
import type { GarmentKind } from '../src/garments/garment-kinds.ts';
import type { Gallery, GalleryItem } from '../src/recommend/gallery.ts';

export interface FindLine {
  /** As the list names it. */
  readonly photo: string;
  readonly garmentSeen: boolean;
  /** The first answer. */
  readonly items: readonly FindLineItem[];
  /** The most prominent first. */
  readonly garments: readonly {
    readonly kind: GarmentKind;
    /** Left, top, right, bottom in pixels of the upright photo. */
    readonly box: readonly number[];
    readonly probability: number;
    readonly items: readonly Omit<FindLineItem, 'garment'>[];
  }[];
  /** Why the photo could not be answered; it then has no items. */
  readonly error?: string;
}

interface FindLineItem {
  readonly id: string;
  /** Cosine, -1 to 1. */
  readonly similarity: number;
  /** As its source says, or as the model predicts; null when neither is known. */
  readonly type: string | null;
  /** The garment that it was found for; null when the photo was searched by as a whole. */
  readonly garment: GarmentKind | null;
}

/** @param galleries of the garments, in the order of `gallery.garments`. */
export function findLine(photo: string, gallery: Gallery, galleries: readonly Gallery[]): FindLine {
  const { width, height } = gallery.photo ?? { width: 1, height: 1 };
  return {
    photo,
    garmentSeen: gallery.garmentSeen,
    items: gallery.items.map((item) => ({ ...lineItem(item), garment: item.garment ?? null })),
    garments: gallery.garments.map(({ kind, box, probability }, n) => ({
      kind,
      box: box.map((part, edge) => Math.round(part * (edge % 2 === 0 ? width : height))),
      probability: rounded(probability),
      items: (galleries[n]?.items ?? []).map(lineItem),
    })),
  };
}

export function failedLine(photo: string, error: string): FindLine {
  return { photo, garmentSeen: false, items: [], garments: [], error };
}

// --- Internal helpers ---

function lineItem(item: GalleryItem): Omit<FindLineItem, 'garment'> {
  return { id: item.id, similarity: rounded(item.similarity), type: labelsToFilter(item).type ?? null };
}

function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
