/** The names that columns have in practice, and how their values become an item. */

import { z } from 'zod';
import { canonicalId } from '../catalogue/catalogue.ts';
import { itemSchema, LABEL_NAMES, type LabelName } from '../catalogue/item.ts';
import { availabilityOf, type MerchantLabel, merchantLabels } from './merchant-labels.ts';
import type { SourceItem } from './source.ts';

/** Accepted column names, most preferred first. Case, spaces, `_` and `-` are ignored. */
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

/** Values as the table has them; an absent and an empty value mean the same. */
export type Fields = Readonly<Partial<Record<Field, string | undefined>>>;

/** The index of the column of each field; fields without a column are absent. */
export function findColumns(columns: readonly string[]): Map<Field, number> {
  const indexes = new Map<string, number>();
  for (const [index, column] of columns.entries()) {
    const name = normalizeName(column);
    if (!indexes.has(name)) indexes.set(name, index);
  }
  const found = new Map<Field, number>();
  for (const [field, names] of Object.entries(COLUMN_NAMES) as [Field, readonly string[]][]) {
    const index = names.map((name) => indexes.get(normalizeName(name))).find((index) => index !== undefined);
    if (index !== undefined) found.set(field, index);
  }
  return found;
}

/** A valid item, or the reason why the fields do not make one. An invalid link or price is left out. */
export function itemFrom(fields: Fields): { readonly item: SourceItem } | { readonly reason: string } {
  const { id: rawId = '' } = fields;
  if (rawId.trim() === '') return { reason: 'it has no id' };
  const id = canonicalId(rawId);
  if (id === undefined)
    return {
      reason: 'its id is "." or "..", is longer than 200 characters, or has control characters in it',
    };

  const labels: Partial<Record<LabelName, string>> = {};
  const merchant = merchantLabels(fields);
  for (const name of LABEL_NAMES) {
    const value = cleanValue(fields[name]) ?? cleanValue(merchant[name]);
    // A filter accepts values of up to 100 characters.
    if (value !== undefined && value.length <= 100) labels[name] = value;
  }
  const link = linkSchema.safeParse(cleanValue(fields.link)).data;
  const price = priceSchema.safeParse(cleanValue(fields.price)).data;
  const availability = availabilityOf(cleanValue(fields.availability));
  const result = sourceItemSchema.safeParse({
    id,
    title: truncateTitle(cleanValue(fields.title) ?? `Item ${id}`),
    labels,
    ...(link !== undefined && { link }),
    ...(price !== undefined && { price }),
    ...(availability !== undefined && { availability }),
  });
  if (!result.success) return { reason: z.prettifyError(result.error).replaceAll('\n', ' ') };
  return { item: result.data };
}

export interface IdRegister {
  /** @returns why the id cannot be used; undefined when it can. */
  claim(id: string, where: string): string | undefined;
}

/** Finds ids that are used twice; the first record keeps the id. */
export function createIdRegister(): IdRegister {
  const users = new Map<string, string>();
  return {
    claim(id, where) {
      const first = users.get(id);
      if (first !== undefined) return `the id "${id}" is already used by ${first}; the first one is kept`;
      users.set(id, where);
      return undefined;
    },
  };
}

// --- Internal helpers ---

const sourceItemSchema = itemSchema.omit({ picture: true, source: true });
const linkSchema = itemSchema.shape.link;
const priceSchema = itemSchema.shape.price;

/** Values that mean "unknown". */
const UNKNOWN = new Set(['', 'na', 'n/a', 'nan', 'null', 'none', 'undefined', '-']);
const MAX_TITLE = 500;

/** Undefined for a value that is empty or says that it is unknown. */
function cleanValue(value: string | undefined): string | undefined {
  const clean = value
    ?.normalize('NFC')
    .replace(/[\s\p{Cc}\p{Cs}]+/gu, ' ')
    .trim();
  return clean === undefined || UNKNOWN.has(clean.toLowerCase()) ? undefined : clean;
}

function truncateTitle(title: string): string {
  return title.length <= MAX_TITLE ? title : `${title.slice(0, MAX_TITLE - 1).replace(/\p{Cs}$/u, '')}…`;
}

function normalizeName(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '');
}
