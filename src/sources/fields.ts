/** What columns are called by those who make tables, and how their values become an item. */

import { z } from 'zod';
import { canonicalId } from '../catalogue/catalogue.ts';
import { itemSchema, LABEL_NAMES, type LabelName } from '../catalogue/item.ts';
import { availabilityOf, type MerchantLabel, merchantLabels } from './merchant-labels.ts';
import type { SourceItem } from './source.ts';

/** Accepted names in falling order of preference; case, spaces, `_` and `-` do not count. */
export const COLUMN_NAMES = {
  id: ['id', 'sku', 'item_id', 'product_id'],
  title: ['title', 'name', 'productDisplayName', 'product_name'],
  picture: [
    'picture',
    'image',
    'photo',
    'file',
    'filename',
    'image_path',
    'picture_path',
    'image_link',
    'image_url',
  ],
  link: ['link', 'url'],
  price: ['price'],
  type: ['type', 'articleType'],
  colour: ['colour', 'color', 'baseColour', 'baseColor'],
  gender: ['gender'],
  category: ['category', 'masterCategory'],
  subcategory: ['subcategory'],
  season: ['season'],
  usage: ['usage'],
  availability: ['availability', 'stock_status'],
  product_type: ['product_type'],
  google_product_category: ['google_product_category'],
  age_group: ['age_group'],
} as const satisfies Record<
  LabelName | 'id' | 'title' | 'picture' | 'link' | 'price' | 'availability' | MerchantLabel,
  readonly string[]
>;

export type Field = keyof typeof COLUMN_NAMES;

/** Values as they stand in a table; absent and empty are the same. */
export type Fields = Readonly<Partial<Record<Field, string | undefined>>>;

/** Where each field stands among the columns; fields without a column are absent. */
export function findColumns(columns: readonly string[]): Map<Field, number> {
  const places = new Map<string, number>();
  for (const [place, column] of columns.entries()) {
    const name = simplified(column);
    if (!places.has(name)) places.set(name, place);
  }
  const found = new Map<Field, number>();
  for (const [field, names] of Object.entries(COLUMN_NAMES) as [Field, readonly string[]][]) {
    const place = names.map((name) => places.get(simplified(name))).find((place) => place !== undefined);
    if (place !== undefined) found.set(field, place);
  }
  return found;
}

/** A valid item, or why there can be none. A link or price that cannot be kept is left out. */
export function itemFrom(fields: Fields): { readonly item: SourceItem } | { readonly reason: string } {
  const { id: given = '' } = fields;
  if (given.trim() === '') return { reason: 'it has no id' };
  const id = canonicalId(given);
  if (id === undefined)
    return {
      reason: 'its id is a mere dot or two, longer than 200 characters or has control characters in it',
    };

  const labels: Partial<Record<LabelName, string>> = {};
  const merchant = merchantLabels(fields);
  for (const name of LABEL_NAMES) {
    const value = known(fields[name]) ?? known(merchant[name]);
    // A filter takes values of up to 100 characters.
    if (value !== undefined && value.length <= 100) labels[name] = value;
  }
  const link = linkSchema.safeParse(known(fields.link)).data;
  const price = priceSchema.safeParse(known(fields.price)).data;
  const availability = availabilityOf(known(fields.availability));
  const result = sourceItemSchema.safeParse({
    id,
    title: shortened(known(fields.title) ?? `Item ${id}`),
    labels,
    ...(link !== undefined && { link }),
    ...(price !== undefined && { price }),
    ...(availability !== undefined && { availability }),
  });
  if (!result.success) return { reason: z.prettifyError(result.error).replaceAll('\n', ' ') };
  return { item: result.data };
}

/** Remembers where ids were used, so that the first one keeps it. */
export function createIdRegister(): { claim(id: string, where: string): string | undefined } {
  const places = new Map<string, string>();
  return {
    /** Why the id cannot be had, if it cannot. */
    claim(id, where) {
      const first = places.get(id);
      if (first !== undefined) return `the id "${id}" is already used by ${first}; the first one is kept`;
      places.set(id, where);
      return undefined;
    },
  };
}

// --- Internal helpers ---

const sourceItemSchema = itemSchema.omit({ picture: true, source: true });
const linkSchema = itemSchema.shape.link;
const priceSchema = itemSchema.shape.price;

/** How tables say that they do not know. */
const UNKNOWN = new Set(['', 'na', 'n/a', 'nan', 'null', 'none', 'undefined', '-']);
const MAX_TITLE = 500;

function known(value: string | undefined): string | undefined {
  const clean = value
    ?.normalize('NFC')
    .replace(/[\s\p{Cc}\p{Cs}]+/gu, ' ')
    .trim();
  return clean === undefined || UNKNOWN.has(clean.toLowerCase()) ? undefined : clean;
}

function shortened(title: string): string {
  return title.length <= MAX_TITLE ? title : `${title.slice(0, MAX_TITLE - 1).replace(/\p{Cs}$/u, '')}…`;
}

function simplified(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '');
}
