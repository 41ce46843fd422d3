/** What the Google Merchant format says of an item, in the labels of the inventory. */

import type { Availability, LabelName } from '../catalogue/item.ts';

/** Attributes of the format that are no labels themselves. */
export type MerchantLabel = 'product_type' | 'google_product_category' | 'age_group';

/**
 * Labels that follow from others, for where the item has none of its own. `Apparel & Accessories > Clothing > Dresses` is the
 * category, subcategory and type; a `product_type` of the shop's own knows the type better. Google's numbers for categories say nothing here.
 */
export function merchantLabels(
  fields: Readonly<Partial<Record<MerchantLabel | 'gender' | 'colour', string | undefined>>>,
): Partial<Record<LabelName, string>> {
  const category = pathOf(fields.google_product_category);
  const type = pathOf(fields.product_type).at(-1) ?? (category.length > 1 ? category.at(-1) : undefined);
  return {
    ...(type !== undefined && { type }),
    ...(category[0] !== undefined && { category: category[0] }),
    ...(category.length > 2 && category[1] !== undefined && { subcategory: category[1] }),
  };
}

/** `male` of the format as `Men`, of children as `Boys`; other words stay as they are. */
export function merchantGender(gender: string, ageGroup: string | undefined): string {
  const isChild = /^(newborn|infant|toddler|kids)$/i.test(ageGroup?.trim() ?? '');
  switch (gender.trim().toLowerCase()) {
    case 'male':
      return isChild ? 'Boys' : 'Men';
    case 'female':
      return isChild ? 'Girls' : 'Women';
    case 'unisex':
      return 'Unisex';
    default:
      return gender;
  }
}

/** `in_stock`, `InStock`, `https://schema.org/InStock` and the like; undefined for what nobody knows. */
export function availabilityOf(value: string | undefined): Availability | undefined {
  const word = value
    ?.toLowerCase()
    .replace(/^https?:\/\/schema\.org\//, '')
    .replace(/[^a-z]/g, '');
  return word === undefined ? undefined : AVAILABILITY_WORDS[word];
}

// --- Internal helpers ---

const AVAILABILITY_WORDS: Readonly<Record<string, Availability | undefined>> = {
  instock: 'in stock',
  available: 'in stock',
  limitedavailability: 'in stock',
  instoreonly: 'in stock',
  onlineonly: 'in stock',
  outofstock: 'out of stock',
  soldout: 'out of stock',
  unavailable: 'out of stock',
  discontinued: 'out of stock',
  preorder: 'preorder',
  presale: 'preorder',
  backorder: 'backorder',
};

function pathOf(value: string | undefined): string[] {
  const parts = (value ?? '').split('>').map((part) => part.trim());
  return parts.filter((part) => part !== '' && !/^\d+$/.test(part));
}
