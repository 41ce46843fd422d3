/** Turns galleries, items and replies into the JSON of the HTTP API. Pure functions. */

import type { Reply, ReplyBlock } from '../../chat/reply.ts';
import type { Predictions } from '../../embed/classifier.ts';
import type { GarmentKind } from '../../garments/garment-kinds.ts';
import type { Gallery, GalleryGarment, GalleryItem } from '../../recommend/gallery.ts';
import type { Availability, Item, Labels, PredictedLabels } from '../../catalogue/item.ts';
import type { Filter } from '../../search/filter.ts';
import type { Problem } from './problem.ts';

export interface GalleryItemJson {
  readonly rank: number;
  readonly id: string;
  readonly title: string;
  /** Cosine, -1 to 1. */
  readonly similarity: number;
  readonly likeness: string;
  readonly labels: Labels;
  /** Labels that the source does not give, predicted by the model, with calibrated probabilities from 0 to 1. */
  readonly predicted: PredictedLabels;
  /** Path of the picture on this server. */
  readonly picture: string;
  readonly link: string | null;
  readonly price: string | null;
  /** Null if the source does not say. */
  readonly availability: Availability | null;
  readonly alike: number;
  /** The garment that it was found for; null when the photo was searched by as a whole. */
  readonly garment: GarmentKind | null;
}

export interface GalleryJson {
  readonly id: string;
  readonly items: readonly GalleryItemJson[];
  readonly weak: boolean;
  /** False when the photo shows no garment; `items` is then empty, and `GET /api/galleries/{id}` has the nearest ones anyway. */
  readonly garmentSeen: boolean;
  /** The garment that is searched by; null for a whole photo, an outfit and an item. */
  readonly kind: GarmentKind | null;
  /** Those of the most prominent person first; `gallery` is the handle of the gallery of that garment alone. */
  readonly garments: readonly GalleryGarment[];
  readonly severalPeople: boolean;
  /** Size of the upright photo in pixels; null when the search was not by a photo. */
  readonly photo: { readonly width: number; readonly height: number } | null;
  readonly more: boolean;
  readonly filter: Filter;
  /** What the photo shows as predicted by the model, with calibrated probabilities from 0 to 1; `{}` without a prediction. */
  readonly shows: Predictions;
}

/** Takes the place of a gallery when one of several photos could not be answered. */
export interface FailedGalleryJson {
  readonly items: readonly [];
  readonly weak: false;
  readonly problem: Problem;
}

export function galleryJson(gallery: Gallery): GalleryJson {
  return {
    id: gallery.id,
    items: gallery.items.map(galleryItemJson),
    weak: gallery.weak,
    garmentSeen: gallery.garmentSeen,
    kind: gallery.kind ?? null,
    garments: gallery.garments,
    severalPeople: gallery.severalPeople,
    photo: gallery.photo ?? null,
    more: gallery.more,
    filter: gallery.filter,
    shows: gallery.shows ?? {},
  };
}

export function failedGalleryJson(problem: Problem): FailedGalleryJson {
  return { items: [], weak: false, problem };
}

export function itemJson(item: Item) {
  const path = itemPath(item.id);
  return {
    id: item.id,
    title: item.title,
    labels: item.labels,
    predicted: item.predicted ?? {},
    picture: `${path}/picture`,
    similar: `${path}/similar`,
    link: item.link ?? null,
    price: item.price ?? null,
    regularPrice: item.regularPrice ?? null,
    availability: item.availability ?? null,
    variants: item.variants ?? [],
  };
}

export function replyJson(reply: Reply) {
  return { blocks: reply.blocks.map(blockJson) };
}

// --- Internal helpers ---

/** An id is any text: slashes, spaces and other scripts must survive in the URL. */
function itemPath(id: string): string {
  return `/api/items/${encodeURIComponent(id)}`;
}

function galleryItemJson(item: GalleryItem): GalleryItemJson {
  return {
    rank: item.rank,
    id: item.id,
    title: item.title,
    similarity: item.similarity,
    likeness: item.likeness,
    labels: item.labels,
    predicted: item.predicted ?? {},
    picture: `${itemPath(item.id)}/picture`,
    link: item.link ?? null,
    price: item.price ?? null,
    availability: item.availability ?? null,
    alike: item.duplicateCount,
    garment: item.garment ?? null,
  };
}

function blockJson(block: ReplyBlock) {
  return block.kind === 'gallery' ? { kind: block.kind, gallery: galleryJson(block.gallery) } : block;
}
