/** Which class of pixel a label of the outfit photos, or an article type of the catalogue, is. */

import {
  classOfKind,
  GARMENT_KINDS,
  type GarmentKind,
  PIXEL_CLASSES,
} from '../../../src/garments/garment-kinds.ts';

/** Labels of the outfit photos. */
const LABELS: Readonly<Record<GarmentKind, readonly string[]>> = {
  top: ['blouse', 'bodysuit', 'shirt', 't-shirt', 'top', 'sweater', 'sweatshirt', 'hoodie', 'jumper', 'cardigan', 'vest'], // prettier-ignore
  outerwear: ['blazer', 'coat', 'jacket', 'cape'],
  dress: ['dress', 'romper'],
  trousers: ['jeans', 'pants', 'leggings'],
  shorts: ['shorts'],
  skirt: ['skirt'],
  shoes: ['boots', 'clogs', 'flats', 'heels', 'loafers', 'pumps', 'sandals', 'shoes', 'sneakers', 'wedges'],
  bag: ['bag', 'purse'],
  hat: ['hat'],
  sunglasses: ['sunglasses'],
};

/** Article types of the catalogue that are of one kind alone. */
const TYPES: Readonly<Record<GarmentKind, readonly string[]>> = {
  top: ['Tshirts', 'Shirts', 'Tops', 'Sweatshirts', 'Sweaters', 'Camisoles'],
  outerwear: ['Jackets', 'Blazers', 'Rain Jacket', 'Nehru Jackets'],
  dress: ['Dresses', 'Jumpsuit', 'Rompers'],
  trousers: [
    'Jeans',
    'Trousers',
    'Track Pants',
    'Leggings',
    'Jeggings',
    'Capris',
    'Churidar',
    'Lounge Pants',
  ],
  shorts: ['Shorts'],
  skirt: ['Skirts'],
  shoes: ['Casual Shoes', 'Sports Shoes', 'Formal Shoes', 'Heels', 'Flats', 'Sandals', 'Sports Sandals', 'Flip Flops'], // prettier-ignore
  bag: ['Handbags', 'Backpacks', 'Clutches', 'Messenger Bag', 'Duffel Bag', 'Laptop Bag', 'Rucksacks', 'Waist Pouch'], // prettier-ignore
  hat: ['Caps', 'Hat'],
  sunglasses: ['Sunglasses'],
};

/** Products that are no garment of any kind. */
const ACCESSORY_TYPES = ['Watches', 'Wallets', 'Belts', 'Socks', 'Earrings', 'Ties', 'Pendant', 'Necklace and Chains', 'Ring', 'Scarves', 'Cufflinks', 'Bangle', 'Bracelet', 'Jewellery Set', 'Accessory Gift Set', 'Mobile Pouch', 'Stoles', 'Mufflers', 'Gloves', 'Suspenders', 'Perfume and Body Mist', 'Deodorant', 'Lipstick', 'Nail Polish', 'Briefs', 'Bra', 'Trunk', 'Innerwear Vests', 'Boxers', 'Swimwear', 'Stockings', 'Water Bottle', 'Headband']; // prettier-ignore

/** The class of each label, by its place; labels that are none of our kinds are accessories. @param labels all of them, the first one is `null`. */
export function classesOfLabels(labels: readonly string[]): Uint8Array {
  const kinds = placesOf(LABELS);
  return Uint8Array.from(labels, (label) => {
    const own = PIXEL_CLASSES.findIndex((name) => name === label && ['skin', 'hair', 'suit'].includes(name));
    if (label === 'null') return 0;
    return own > 0 ? own : (kinds.get(label) ?? PIXEL_CLASSES.indexOf('accessory'));
  });
}

/** The class of a product by its article type; undefined for one whose type may be several kinds, or is not known. */
export function classOfType(type: string): number | undefined {
  if (ACCESSORY_TYPES.includes(type)) return PIXEL_CLASSES.indexOf('accessory');
  return placesOf(TYPES).get(type);
}

// --- Internal helpers ---

function placesOf(names: Readonly<Record<GarmentKind, readonly string[]>>): Map<string, number> {
  return new Map(
    GARMENT_KINDS.flatMap((kind) => names[kind].map((name) => [name, classOfKind(kind)] as const)),
  );
}
