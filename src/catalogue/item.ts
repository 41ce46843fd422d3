/** An inventory item as the catalogue keeps it. */

import { z } from 'zod';

/** Every label that an item may have, in the order in which a person would name them. */
export const LABEL_NAMES = [
  'type',
  'colour',
  'gender',
  'category',
  'subcategory',
  'season',
  'usage',
] as const;
export type LabelName = (typeof LABEL_NAMES)[number];

/** For example `{ type: 'Shirts', colour: 'Navy Blue', gender: 'Men' }`. Unknown labels are absent, never empty. */
export type Labels = Readonly<Partial<Record<LabelName, string>>>;

/** Whether an item can be bought, in the terms of the Google Merchant format. */
export const AVAILABILITIES = ['in stock', 'out of stock', 'preorder', 'backorder'] as const;
export type Availability = (typeof AVAILABILITIES)[number];

const predictionSchema = z.object({
  value: z.string().min(1),
  /** Calibrated, 0 to 1, rounded to three decimal places. */
  probability: z.number().min(0).max(1),
});

/** For example `{ colour: { value: 'Red', probability: 0.71 } }`. */
export type PredictedLabels = Readonly<
  Partial<Record<LabelName, Readonly<z.infer<typeof predictionSchema>>>>
>;

const priceSchema = z.string().min(1).max(50);
const linkSchema = z.url({ protocol: /^https?$/ });

/** A price that only applies for a time. */
const saleSchema = z.object({
  price: priceSchema,
  /** The price before and after the sale. */
  regular: priceSchema,
  /** ISO 8601; absent: it has begun, or never ends. */
  from: z.iso.datetime().optional(),
  until: z.iso.datetime().optional(),
});

/** One size or colour of a product. */
const variantSchema = z.object({
  id: z.string().min(1).max(200).optional(),
  size: z.string().min(1).max(100).optional(),
  colour: z.string().min(1).max(100).optional(),
  price: priceSchema.optional(),
  regularPrice: priceSchema.optional(),
  sale: saleSchema.optional(),
  availability: z.enum(AVAILABILITIES).optional(),
  link: linkSchema.optional(),
});
export type Variant = Readonly<z.infer<typeof variantSchema>>;

/** Most variants of a product that are kept. */
export const MAX_VARIANTS = 200;

export const itemSchema = z.object({
  /** Unique in the inventory; NFC, trimmed, 1 to 200 characters, any script. */
  id: z.string().min(1).max(200),
  title: z.string().min(1).max(500),
  labels: z.partialRecord(z.enum(LABEL_NAMES), z.string().min(1)),
  /** Labels that the source does not give, predicted by the model from the picture. If they are not valid, they are predicted again. */
  predicted: z.partialRecord(z.enum(LABEL_NAMES), predictionSchema).optional().catch(undefined),
  /** SHA-256 of the picture's original bytes, hex: the key of its embedding and of its stored tile. */
  picture: z.string().regex(/^[0-9a-f]{64}$/),
  /** Where the item can be bought or seen; http or https only. */
  link: linkSchema.optional(),
  /** Amount and currency (ISO 4217), for example `12.50 EUR`, or the text of the shop if it is no such price; see `price.ts`. */
  price: priceSchema.optional(),
  /** The higher price that applied before, in the same form; absent when the price is not reduced. */
  regularPrice: priceSchema.optional(),
  /** Present when the reduced price applies for a limited time; `currentItem` says what applies now. */
  sale: saleSchema.optional(),
  /** Absent: the source does not say. */
  availability: z.enum(AVAILABILITIES).optional(),
  /** Kept in the inventory with its embedding, but not in the index: it is out of stock, and its source hides such items. */
  hidden: z.literal(true).optional(),
  /** Sizes and colours of the product; absent when the source gives fewer than two. */
  variants: z.array(variantSchema).max(MAX_VARIANTS).readonly().optional(),
  /** Name of the source that brought it. Importing a source again only replaces its own items. */
  source: z.string().min(1),
});

export type Item = Readonly<z.infer<typeof itemSchema>>;

type Priced = Pick<Variant, 'price' | 'regularPrice' | 'sale'>;

/** The prices that apply at this moment: a sale may have begun or ended since the item was imported. */
export function currentPrices<T extends Priced>(item: T, now: number): T {
  const { sale } = item;
  if (!sale) return item;
  const isOn = !(Date.parse(sale.from ?? '') > now || Date.parse(sale.until ?? '') < now);
  if (isOn) return { ...item, price: sale.price, regularPrice: sale.regular };
  const regular = { ...item, price: sale.regular };
  delete (regular as Priced & { regularPrice?: string }).regularPrice;
  return regular;
}

/** The item with the prices that apply at this moment, its own and those of its variants. */
export function currentItem(item: Item, now: number): Item {
  const current = currentPrices(item, now);
  if (!item.variants?.some(({ sale }) => sale)) return current;
  return { ...current, variants: item.variants.map((variant) => currentPrices(variant, now)) };
}
