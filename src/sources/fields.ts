/** How the values of a record become an item. */

import { z } from 'zod';
import { canonicalId } from '../catalogue/catalogue.ts';
import { itemSchema, LABEL_NAMES, type LabelName, type Variant } from '../catalogue/item.ts';
import type { Fields } from './column-names.ts';
import { availabilityOf, isProductKind, merchantLabels, stockOf } from './merchant-labels.ts';
import { pricesOf, type PriceOptions } from './prices.ts';
import type { SourceItem } from './source.ts';
import { decodeEntities } from './text/entities.ts';

/** A valid item, or the reason why the fields do not make one. An invalid link or price is left out. */
export function itemFrom(
  fields: Fields,
  options: PriceOptions = {},
): { readonly item: SourceItem } | { readonly reason: string } {
  const { id: rawId = '' } = fields;
  if (rawId.trim() === '') return { reason: 'it has no id' };
  const id = canonicalId(rawId);
  if (id === undefined)
    return {
      reason: 'its id is "." or "..", is longer than 200 characters, or has control characters in it',
    };
  const result = sourceItemSchema.safeParse({
    id,
    title: truncateTitle(cleanValue(fields.title) ?? `Item ${id}`),
    labels: labelsOf(fields),
    ...offerOf(fields, options),
  });
  if (!result.success) return { reason: z.prettifyError(result.error).replaceAll('\n', ' ') };
  return { item: result.data };
}

/** One size or colour of a product. */
export function variantFrom(fields: Fields, options: PriceOptions = {}): Variant {
  const id = canonicalId(fields.sku ?? fields.id ?? '');
  const size = shortValue(fields.size);
  const colour = shortValue(fields.colour);
  return {
    ...(id !== undefined && { id }),
    ...(size !== undefined && { size }),
    ...(colour !== undefined && { colour }),
    ...offerOf(fields, options),
  };
}

/** Undefined for a value that is empty or says that it is unknown. */
export function cleanValue(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const clean = decodeEntities(value)
    .normalize('NFC')
    .replace(/[\s\p{Cc}\p{Cs}]+/gu, ' ')
    .trim();
  return UNKNOWN.has(clean.toLowerCase()) ? undefined : clean;
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

/** Values that mean "unknown". */
const UNKNOWN = new Set(['', 'na', 'n/a', 'nan', 'null', 'none', 'undefined', '-']);
const MAX_TITLE = 500;
/** A filter accepts values of up to 100 characters. */
const MAX_LABEL = 100;

function labelsOf(fields: Fields): Partial<Record<LabelName, string>> {
  const decoded = Object.fromEntries(
    CATEGORY_FIELDS.map((field) => [field, fields[field] && decodeEntities(fields[field])]),
  );
  const merchant = merchantLabels(decoded);
  const labels: Partial<Record<LabelName, string>> = {};
  for (const name of LABEL_NAMES) {
    const value = shortValue(fields[name]);
    // A path, and a word that only tells products with variants from others, are no labels.
    const isLabel = value !== undefined && !value.includes('>') && !(name === 'type' && isProductKind(value));
    const label = isLabel ? value : shortValue(merchant[name]);
    if (label !== undefined) labels[name] = label;
  }
  return labels;
}

const CATEGORY_FIELDS = [
  'type',
  'category',
  'product_type',
  'google_product_category',
  'categories',
] as const;

/** What a product and its variants have in common: where, for how much, and whether it can be bought. */
function offerOf(
  fields: Fields,
  options: PriceOptions,
): Pick<SourceItem, 'link' | 'price' | 'regularPrice' | 'sale' | 'availability'> {
  const link = linkSchema.safeParse(cleanValue(fields.link)).data;
  const availability =
    availabilityOf(cleanValue(fields.availability)) ??
    stockOf(cleanValue(fields.in_stock)) ??
    stockOf(cleanValue(fields.quantity));
  return {
    ...(link !== undefined && { link }),
    ...pricesOf(fields, options),
    ...(availability !== undefined && { availability }),
  };
}

function shortValue(value: string | undefined): string | undefined {
  const clean = cleanValue(value);
  return clean !== undefined && clean.length <= MAX_LABEL ? clean : undefined;
}

function truncateTitle(title: string): string {
  return title.length <= MAX_TITLE ? title : `${title.slice(0, MAX_TITLE - 1).replace(/\p{Cs}$/u, '')}…`;
}
