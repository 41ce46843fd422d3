/** Which article types of the catalogue are right for a garment in a photo. Figures are comparable only under the same rules. */

import type { GarmentKind } from '../../../src/garments/garment-kinds.ts';

/** A type may fit several kinds: a jacket is right for a top too, as labels of photos mix them up. */
export const FITTING_TYPES: Readonly<Record<GarmentKind, readonly string[]>> = {
  top: ['Tshirts', 'Shirts', 'Tops', 'Tunics', 'Sweatshirts', 'Sweaters', 'Shrug', 'Waistcoat', 'Camisoles', 'Jackets'], // prettier-ignore
  outerwear: ['Jackets', 'Blazers', 'Rain Jacket', 'Nehru Jackets', 'Waistcoat', 'Shrug', 'Sweatshirts', 'Sweaters'], // prettier-ignore
  dress: ['Dresses', 'Jumpsuit', 'Rompers', 'Tunics'],
  trousers: ['Jeans', 'Trousers', 'Track Pants', 'Leggings', 'Jeggings', 'Capris', 'Tights', 'Churidar', 'Lounge Pants'], // prettier-ignore
  shorts: ['Shorts'],
  skirt: ['Skirts'],
  shoes: ['Casual Shoes', 'Sports Shoes', 'Formal Shoes', 'Heels', 'Flats', 'Sandals', 'Sports Sandals', 'Flip Flops'], // prettier-ignore
  bag: ['Handbags', 'Backpacks', 'Clutches', 'Messenger Bag', 'Duffel Bag', 'Laptop Bag', 'Rucksacks', 'Waist Pouch'], // prettier-ignore
  hat: ['Caps', 'Hat'],
  sunglasses: ['Sunglasses'],
};

/** @param type the article type of an item; undefined: it has none, and fits nothing. */
export function fits(kind: GarmentKind, type: string | undefined): boolean {
  return type !== undefined && FITTING_TYPES[kind].includes(type);
}
