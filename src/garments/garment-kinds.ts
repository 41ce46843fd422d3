/** The kinds of garments that are found in a photo, and the classes of pixels that the finder tells apart. */

/** In the order of the finder's scores. */
export const GARMENT_KINDS = [
  'top',
  'outerwear',
  'dress',
  'trousers',
  'shorts',
  'skirt',
  'shoes',
  'bag',
  'hat',
  'sunglasses',
] as const;
export type GarmentKind = (typeof GARMENT_KINDS)[number];

/**
 * What a pixel can be. The kinds stand between `nothing` and the auxiliary classes, which only help to tell the kinds apart:
 * an accessory is any other product or thing that is worn, a suit is a jacket that its labels do not call one.
 */
export const PIXEL_CLASSES = ['nothing', ...GARMENT_KINDS, 'skin', 'hair', 'accessory', 'suit'] as const;
export type PixelClass = (typeof PIXEL_CLASSES)[number];

/** The outputs that describe a photo as a whole: whether each kind is in it, and whether any product is. */
export const PRESENCES = [...GARMENT_KINDS, 'product'] as const;

/** The place of a kind among the pixel classes. */
export function classOfKind(kind: GarmentKind): number {
  return 1 + GARMENT_KINDS.indexOf(kind);
}
