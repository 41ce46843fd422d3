/** What is said about an item of a gallery, in one line. */

import type { Availability } from '../catalogue/item.ts';
import { formatPrice } from '../catalogue/price.ts';
import type { GalleryItem } from '../recommend/gallery.ts';
import { garmentName } from './garment-names.ts';
import type { Texts } from './translations.ts';

/** @param namesGarment whether the items of the gallery are of several garments. */
export function detailsOf(item: GalleryItem, namesGarment: boolean, texts: Texts): string {
  const { similarity, likeness, price, availability, duplicateCount, garment } = item;
  const key = LIKENESS_KEYS[likeness];
  const words = key === undefined ? likeness : texts.say(key);
  return [
    ...(namesGarment && garment !== undefined ? [garmentName(garment, texts)] : []),
    texts.say('detail.similarity', { likeness: words, score: texts.score(similarity) }),
    ...(price === undefined ? [] : [formatPrice(price, texts.language)]),
    ...(availability === undefined || availability === 'in stock'
      ? []
      : [texts.say(AVAILABILITY_KEYS[availability])]),
    ...(duplicateCount === 0 ? [] : [texts.say('detail.alike', { count: duplicateCount })]),
  ].join(' · ');
}

// --- Internal helpers ---

/** Text keys of the similarity words in model manifests. Other words are shown as the manifest has them. */
const LIKENESS_KEYS: Readonly<Record<string, string>> = {
  'nearly identical': 'likeness.nearly-identical',
  'very similar': 'likeness.very-similar',
  similar: 'likeness.similar',
  'loosely similar': 'likeness.loosely-similar',
  'hardly similar': 'likeness.hardly-similar',
};

/** An item in stock is not marked. */
const AVAILABILITY_KEYS: Readonly<Record<Exclude<Availability, 'in stock'>, string>> = {
  'out of stock': 'availability.out-of-stock',
  preorder: 'availability.preorder',
  backorder: 'availability.backorder',
};
