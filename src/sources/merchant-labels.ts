/** Translates attributes of the Google Merchant format into the labels of the inventory. */

import type { Availability, LabelName } from '../catalogue/item.ts';

/** Attributes of the format that are not labels themselves. */
export type MerchantLabel = 'product_type' | 'google_product_category' | 'age_group';

/**
 * Labels for an item that has none of its own. `Apparel & Accessories > Clothing > Dresses` gives category, subcategory and
 * type, but the shop's own `product_type` is preferred for the type. Google's numeric categories give no label.
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

/** `male` becomes `Men`, or `Boys` for a child; other words stay as they are. */
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

/** Reads `in_stock`, `InStock`, `https://schema.org/InStock` and the like; undefined for any other word. */
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
