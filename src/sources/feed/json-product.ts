/** Flattens the objects in which shop systems describe a product, to names and texts, as a row of a table has them. */

import { holdsPictures } from './feed-entry.ts';

export type JsonProduct =
  { readonly values: Values; readonly variants: readonly Values[] } | { readonly reason: string };

type Values = ReadonlyMap<string, string>;
type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The products in one value of a feed. A value of JSON-LD that is something else, such as a list of breadcrumbs, holds none.
 * Known forms: plain objects, Google's Merchant API and Content API, Shopify, WooCommerce, and JSON-LD.
 */
export function productsIn(value: unknown): JsonProduct[] {
  if (!isObject(value)) return [{ reason: 'it is not a JSON object' }];
  const inner = value['@graph'] ?? value.itemListElement;
  if (Array.isArray(inner)) return inner.flatMap(productsIn);
  const kinds = [value['@type']].flat().filter((kind) => typeof kind === 'string');
  if (kinds.includes('ListItem')) return productsIn(value.item ?? {});
  if (kinds.length > 0 && !kinds.some((kind) => /product/i.test(kind))) return [];
  return [productOf(value)];
}

// --- Internal helpers ---

/** Members that only wrap the attributes of a product. What they hold takes precedence. */
const WRAPPERS = new Set(['productAttributes', 'attributes', 'labels', 'product', 'node']);
/** Members that list the variants of a product. */
const VARIANT_LISTS = ['variants', 'hasVariant', 'variations'];

function productOf(record: JsonObject): JsonProduct {
  const values = flatten(record);
  const options = optionNames(record.options);
  const list = VARIANT_LISTS.map((name) => record[name]).find((member) => Array.isArray(member)) ?? [];
  const variants = (list as unknown[])
    .filter(isObject)
    .map((variant) => withOptionNames(flatten(variant), options))
    .filter((variant) => variant.size > 0);
  // In Google's Content API the id is that of the entry, `online:en:DE:sku-1`, and the shop's own id is the offer.
  if (values.has('offerId')) values.delete('id');
  // Shopify names a product by a number and by a word of its address; the number is its id.
  if (values.has('id') && values.has('handle')) {
    const handle = values.get('handle') ?? '';
    values.delete('handle');
    if (!hasOne(values, ['link', 'url'])) values.set('link', `/products/${encodeURIComponent(handle)}`);
  }
  return { values, variants };
}

function flatten(record: JsonObject): Map<string, string> {
  const values = new Map<string, string>();
  add(record, values);
  if (!hasOne(values, ['id', 'sku', 'offerId', 'productID', 'productGroupID', 'handle'])) {
    // JSON-LD names a product by its address or by a number of the trade.
    const id = [record.mpn, record.gtin13, record.gtin, record['@id'], record.url].find(
      (it) => typeof it === 'string',
    );
    if (record['@type'] !== undefined && typeof id === 'string') values.set('id', id);
  }
  return values;
}

function add(record: JsonObject, values: Map<string, string>): void {
  const wrapped: JsonObject[] = [];
  for (const [name, member] of Object.entries(record)) {
    if (name.startsWith('@') || VARIANT_LISTS.includes(name)) continue;
    if (WRAPPERS.has(name) && isObject(member)) wrapped.push(member);
    else if (name === 'offers') addOffer(member, values);
    else if (name === 'audience' && isObject(member)) setText(values, 'gender', member.suggestedGender);
    else if (name === 'isVariantOf' && isObject(member))
      setText(values, 'item_group_id', member.productGroupID);
    else if (name === 'productGroupID') setText(values, 'id', member);
    else if (name === 'attributes' && Array.isArray(member)) addAttributes(member, values);
    // Google's interfaces name a product by the path of its account.
    else if (!(name === 'name' && typeof member === 'string' && member.startsWith('accounts/')))
      setText(values, name, textOf(member, name));
  }
  for (const attributes of wrapped) add(attributes, values);
}

/** Schema.org's `Offer`, a list of them, or an `AggregateOffer`. */
function addOffer(member: unknown, values: Map<string, string>): void {
  const offers = [member].flat().filter(isObject);
  const [offer] = offers;
  if (!offer) return;
  const specification = [offer.priceSpecification].flat().find(isObject);
  setText(values, 'price', offer.price ?? offer.lowPrice ?? specification?.price);
  setText(values, 'currency', offer.priceCurrency ?? specification?.priceCurrency);
  const inner = [offer.offers].flat().find(isObject);
  setText(values, 'availability', offer.availability ?? inner?.availability);
  if (!values.has('url')) setText(values, 'url', offer.url ?? inner?.url);
}

/** WooCommerce: `[{ name: 'Color', options: ['Blue'] }]`. */
function addAttributes(list: readonly unknown[], values: Map<string, string>): void {
  for (const attribute of list.filter(isObject)) {
    const { name, option, options, value } = attribute;
    if (typeof name === 'string') setText(values, name, textOf(option ?? options ?? value, name));
  }
}

/** Shopify names the options of a product once: `[{ name: 'Size', values: ['S', 'M'] }]`, or by name only. */
function optionNames(options: unknown): string[] {
  if (!Array.isArray(options)) return [];
  return options.map((option) => (isObject(option) ? (textOf(option.name, 'name') ?? '') : String(option)));
}

function withOptionNames(variant: Map<string, string>, options: readonly string[]): Map<string, string> {
  for (const [index, name] of options.entries()) {
    const value = variant.get(`option${index + 1}`);
    if (value !== undefined && name !== '') variant.set(name, value);
  }
  // Shopify repeats the values of the options as the title of a variant.
  variant.delete('title');
  return variant;
}

function setText(values: Map<string, string>, name: string, value: unknown): void {
  const text = textOf(value, name);
  if (text !== undefined) values.set(name, text);
}

/** Of a list, only pictures and categories are all kept, one a line. */
function textOf(value: unknown, name: string): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) {
    const texts = value.map((member) => textOf(member, name)).filter((text) => text !== undefined);
    if (texts.length === 0) return undefined;
    return holdsPictures(name) || /categor/i.test(name) ? texts.join('\n') : texts[0];
  }
  return isObject(value) ? objectText(value, name) : undefined;
}

function objectText(value: JsonObject, name: string): string | undefined {
  const amount = amountOf(value);
  if (amount !== undefined) {
    const currency = value.currency ?? value.currencyCode ?? value.currency_code ?? value.priceCurrency;
    return typeof currency === 'string' ? `${amount} ${currency}` : amount;
  }
  if (typeof value.startTime === 'string') return `${value.startTime}/${textOf(value.endTime, name) ?? ''}`;
  const address = value.src ?? value.url ?? value.contentUrl ?? value.href ?? value.link;
  if (holdsPictures(name)) return textOf(address, name);
  return textOf(value.name ?? value['@value'], name);
}

/** `{ value }`, `{ amountMicros }` in millionths, or `{ amount }`, with the currency beside it. */
function amountOf(value: JsonObject): string | undefined {
  if (value.amountMicros !== undefined) {
    const micros = Number(value.amountMicros);
    return Number.isFinite(micros) ? decimal(micros / 1e6) : undefined;
  }
  const amount = value.value ?? value.amount;
  return typeof amount === 'string' || typeof amount === 'number' ? String(amount) : undefined;
}

/** With two decimal places, unless it has none or more. */
function decimal(amount: number): string {
  if (Number.isInteger(amount)) return String(amount);
  const fixed = amount.toFixed(2);
  return Number(fixed) === amount ? fixed : String(amount);
}

function hasOne(values: Values, names: readonly string[]): boolean {
  return names.some((name) => values.has(name));
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
