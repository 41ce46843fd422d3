/** Joins the entries that describe one product: variants, and rows that only add pictures. */

import type { Fields } from './column-names.ts';
import type { FeedEntry } from './feed/feed-entry.ts';

/** What a first reading of all entries found out; see `surveyProducts`. */
export interface ProductSurvey {
  /** Exactly how many products and unusable entries there are. */
  readonly count: number;
  /** How many entries there are. */
  readonly entries: number;
  /** By group: number of the last entry that belongs to it. */
  readonly groups: ReadonlyMap<string, number>;
  /** Other names of a group: a parent has an id and an SKU, and its variants may name either. */
  readonly aliases: ReadonlyMap<string, string>;
  /** The group of each entry that its parent lists by its id. */
  readonly parents: ReadonlyMap<string, string>;
}

export type Product = ProductPlace & (ProductFields | { readonly reason: string });

interface ProductPlace {
  /** Number of its first entry, from 1, empty ones left out. */
  readonly number: number;
  readonly line: number | undefined;
}

export interface ProductFields {
  /** What the entries say of the product as a whole, the parent first. */
  readonly fields: Fields;
  /** Empty for a product without variants. */
  readonly variants: readonly Fields[];
}

/** Reads all entries once, or twice if some belong together, so that groups can be completed in a later reading. */
export async function surveyProducts(entries: () => AsyncIterable<FeedEntry>): Promise<ProductSurvey> {
  const groups = new Map<string, number>();
  const parents = new Map<string, string>();
  let count = 0;
  for await (const entry of entries()) {
    if (isEmpty(entry)) continue;
    count++;
    if ('reason' in entry) continue;
    const group = groupOf(entry.fields);
    if (group !== undefined) groups.set(group, 0);
    for (const child of childrenOf(entry.fields)) parents.set(child, idsOf(entry.fields)[0] ?? child);
  }
  for (const group of parents.values()) groups.set(group, 0);
  const aliases = new Map<string, string>();
  const survey = { count, entries: count, groups, aliases, parents };
  if (groups.size === 0) return survey;
  let number = 0;
  let single = 0;
  for await (const entry of entries()) {
    if (isEmpty(entry)) continue;
    number++;
    const key = 'reason' in entry ? undefined : keyOf(entry.fields, survey);
    if (key === undefined) {
      single++;
      continue;
    }
    groups.set(key, number);
    if ('reason' in entry || groupOf(entry.fields) !== undefined) continue;
    for (const other of idsOf(entry.fields)) if (other !== key && groups.has(other)) aliases.set(other, key);
  }
  for (const [other, key] of aliases) {
    groups.set(key, Math.max(groups.get(key) ?? 0, groups.get(other) ?? 0));
    groups.delete(other);
  }
  const joined = [...groups].filter(([, last]) => last > 0).length;
  return { ...survey, count: single + joined };
}

/** Yields a product when its last entry has been read. Memory holds the products of which entries are still to come. */
export async function* productsOf(
  entries: AsyncIterable<FeedEntry>,
  survey: ProductSurvey,
): AsyncGenerator<Product, void> {
  const open = new Map<
    string,
    { members: Fields[]; nested: Fields[]; number: number; line: number | undefined }
  >();
  let number = 0;
  for await (const entry of entries) {
    if (isEmpty(entry)) continue;
    number++;
    const { line } = entry;
    if ('reason' in entry) {
      yield { number, line, reason: entry.reason };
      continue;
    }
    const key = keyOf(entry.fields, survey);
    if (key === undefined) {
      yield { number, line, fields: entry.fields, variants: entry.variants ?? [] };
      continue;
    }
    const product = open.get(key) ?? { members: [], nested: [], number, line };
    open.set(key, product);
    if (product.members.length < MAX_MEMBERS) product.members.push(entry.fields);
    product.nested.push(...(entry.variants ?? []));
    if (survey.groups.get(key) !== number) continue;
    open.delete(key);
    yield { number: product.number, line: product.line, ...join(key, product.members, product.nested) };
  }
}

/** Whether an entry holds nothing: XML feeds have empty items, and tables have empty lines. */
export function isEmpty(entry: FeedEntry): boolean {
  return (
    !('reason' in entry) &&
    Object.values(entry.fields).every((value) => value === undefined || value.trim() === '')
  );
}

// --- Internal helpers ---

/** Entries of one product that are kept; a feed that gives all its items the same group is mistaken. */
const MAX_MEMBERS = 1_000;

/** The fields that make an entry a variant, rather than a row that only adds a picture. */
const VARIANT_FIELDS = ['size', 'colour', 'price', 'sale_price', 'regular_price', 'sku'] as const;

/** What an entry says of one variant only. */
const OFFER_FIELDS: ReadonlySet<string> = new Set([
  'price',
  'sale_price',
  'regular_price',
  'sale_dates',
  'sale_from',
  'sale_until',
  'availability',
  'in_stock',
  'quantity',
  'size',
  'sku',
] satisfies (keyof Fields)[]);

function keyOf(
  fields: Fields,
  { groups, aliases, parents }: Pick<ProductSurvey, 'groups' | 'aliases' | 'parents'>,
): string | undefined {
  const ids = idsOf(fields);
  const key =
    groupOf(fields) ??
    ids.map((id) => parents.get(id)).find((parent) => parent !== undefined) ??
    ids.find((id) => groups.has(id));
  return key === undefined ? undefined : (aliases.get(key) ?? key);
}

/** WooCommerce writes `id:44` for a parent without an SKU. */
function groupOf({ group }: Fields): string | undefined {
  const key = group?.trim().replace(/^id:\s*/i, '');
  return key === undefined || key === '' || key === '0' ? undefined : key;
}

function idsOf({ id, sku }: Fields): string[] {
  return [id, sku].map((it) => it?.trim() ?? '').filter((it) => it !== '');
}

/** Magento lists the variants of a product: `sku=DRESS-S,size=S|sku=DRESS-M,size=M`. */
function childrenOf({ children = '' }: Fields): string[] {
  return [...children.matchAll(/(?:^|\|)\s*sku=([^,|]+)/g)].map(([, sku = '']) => sku.trim());
}

function join(key: string, members: readonly Fields[], nested: readonly Fields[]): ProductFields {
  // The parent belongs to the group because others name it, not because it names a group itself.
  const parent =
    members.find((fields) => groupOf(fields) === undefined && childrenOf(fields).length > 0) ??
    members.find((fields) => groupOf(fields) === undefined);
  const ordered = parent ? [parent, ...members.filter((fields) => fields !== parent)] : members;
  const variants = [...ordered.filter((fields) => fields !== parent && isVariant(fields)), ...nested];
  const merged: Record<string, string | undefined> = {
    ...(parent ?? (variants.length === 0 ? members[0] : undefined)),
  };
  for (const fields of ordered) {
    for (const [name, value] of Object.entries(fields)) {
      // A price belongs to its variant: that of one and the sale price of another make no sense together.
      if (OFFER_FIELDS.has(name) || merged[name]?.trim()) continue;
      merged[name] = value;
    }
  }
  const pictures = ordered.flatMap(({ picture, additional_picture }) => [picture, additional_picture]);
  const [first, ...others] = [...new Set(pictures.flatMap((it) => (it?.trim() ? [it] : [])))];
  const id = parent?.id?.trim() ? parent.id : key;
  return { fields: { ...merged, id, picture: first, additional_picture: others.join('\n') }, variants };
}

function isVariant(fields: Fields): boolean {
  return VARIANT_FIELDS.some((field) => fields[field] !== undefined && fields[field].trim() !== '');
}
