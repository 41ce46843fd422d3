/** Photos and products that scenes are made of, each decoded once and kept. */

import { classOfKind, PIXEL_CLASSES } from '../../../src/garments/garment-kinds.ts';
import { cutOut, isSkin } from '../cut-out.ts';
import type { Picture } from '../picture.ts';
import { type Editions, openItemPictures } from '../pictures-of-items.ts';
import type { ScenePool } from './compose-scene.ts';
import { openOutfitPhotos, type Scene, UNKNOWN } from './outfit-photos.ts';

export interface ScenePoolOptions {
  /** The file of the outfit photos. */
  readonly photos: string;
  /** Of those that may be seen. */
  readonly names: readonly string[];
  /** Undefined: no products. */
  readonly editions: Editions | undefined;
  readonly items: readonly ScenePoolItem[];
}

export interface ScenePoolItem {
  readonly id: string;
  /** A place in `PIXEL_CLASSES`; `UNKNOWN` for a product that may be of several. */
  readonly class: number;
}

/** In which photos are kept: half of their size is as fine as any step sees them. */
const SIZE = { width: 400, height: 600 };
/** A product covers at least and at most such a share of its picture; else its outline is not believed. */
const COVERS = { least: 0.03, most: 0.9 };
/** From this share of skin on, somebody wears the product, and what else is in the picture is not known. */
const WORN = 0.04;

export async function openScenePool(
  options: ScenePoolOptions,
): Promise<ScenePool & { close(): Promise<void> }> {
  const { names, items, editions } = options;
  const photos = await openOutfitPhotos(options.photos);
  const pictures = editions && (await openItemPictures(editions));
  const kept = new Map<number, Promise<Scene>>();
  return {
    photoCount: names.length,
    photo(place) {
      const known = kept.get(place) ?? photos.scene(names[place]!, SIZE);
      kept.set(place, known);
      return known;
    },
    itemCount: pictures ? items.length : 0,
    async item(place) {
      const { id, class: ofItem } = items[place]!;
      if (!pictures) throw new RangeError('There are no pictures of products.');
      return sceneOfItem(await pictures.picture(id), ofItem);
    },
    async close() {
      await Promise.all([photos.close(), pictures?.close()]);
    },
  };
}

/** A product on white as a scene; of what somebody wears, or is not believed, the class is unknown. */
export function sceneOfItem(picture: Picture, ofItem: number): Scene {
  const { mask } = cutOut(picture);
  const share = mask.reduce((sum, value) => sum + value, 0) / mask.length;
  const isBelieved = share >= COVERS.least && share <= COVERS.most;
  const isKnown = isBelieved && !(isClothing(ofItem) && skinShare(picture, mask) > WORN);
  return { ...picture, classes: mask.map((value) => (value === 0 ? 0 : isKnown ? ofItem : UNKNOWN)) };
}

// --- Internal helpers ---

function isClothing(ofItem: number): boolean {
  return ofItem <= classOfKind('skirt') || ofItem === PIXEL_CLASSES.indexOf('accessory');
}

/** Of the product. */
function skinShare({ data }: Picture, mask: Uint8Array): number {
  let [product, skin] = [0, 0];
  for (let pixel = 0; pixel < mask.length; pixel++) {
    if (mask[pixel] === 0) continue;
    product++;
    if (isSkin(data[pixel * 3]!, data[pixel * 3 + 1]!, data[pixel * 3 + 2]!)) skin++;
  }
  return product === 0 ? 0 : skin / product;
}
