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
  link: z.url({ protocol: /^https?$/ }).optional(),
  /** As the shop writes it, currency included, for example `1299 INR`. */
  price: z.string().min(1).max(50).optional(),
  /** Absent: the source does not say. */
  availability: z.enum(AVAILABILITIES).optional(),
  /** Kept in the inventory with its embedding, but not in the index: it is out of stock, and its source hides such items. */
  hidden: z.literal(true).optional(),
  /** Name of the source that brought it. Importing a source again only replaces its own items. */
  source: z.string().min(1),
});

export type Item = Readonly<z.infer<typeof itemSchema>>;
