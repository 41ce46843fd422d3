/** The names of kinds of garments in the languages of people. */

import type { GarmentKind } from '../garments/garment-kinds.ts';
import type { Texts } from './translations.ts';

export function garmentName(kind: GarmentKind, texts: Texts): string {
  return texts.say(GARMENT_KEYS[kind]);
}

// --- Internal helpers ---

const GARMENT_KEYS: Readonly<Record<GarmentKind, string>> = {
  top: 'garment.top',
  outerwear: 'garment.outerwear',
  dress: 'garment.dress',
  trousers: 'garment.trousers',
  shorts: 'garment.shorts',
  skirt: 'garment.skirt',
  shoes: 'garment.shoes',
  bag: 'garment.bag',
  hat: 'garment.hat',
  sunglasses: 'garment.sunglasses',
};
