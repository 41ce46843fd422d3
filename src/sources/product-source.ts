/** Reads a feed or a table as a source: one record for each product, with its variants and pictures. */

import type { Availability, Variant } from '../catalogue/item.ts';
import { MAX_VARIANTS } from '../catalogue/item.ts';
import { amountOf } from '../catalogue/price.ts';
import { cleanValue, createIdRegister, itemFrom, variantFrom } from './fields.ts';
import type { Fields } from './column-names.ts';
import type { FeedEntry } from './feed/feed-entry.ts';
import { merchantGender } from './merchant-labels.ts';
import { picturesIn } from './picture-list.ts';
import type { PriceOptions } from './prices.ts';
import { type Product, type ProductFields, type ProductSurvey, productsOf } from './products.ts';
import type { ItemRecord, SourceItem, SourceRecord } from './source.ts';

/** How a picture is read, or why it cannot be. */
export type PictureReading = Pick<ItemRecord, 'read' | 'readIfChanged'> | { readonly reason: string };

export interface ProductSourceOptions extends PriceOptions {
  readonly entries: () => AsyncIterable<FeedEntry>;
  readonly survey: ProductSurvey;
  /** Names the place of a product. */
  readonly where: (product: Pick<Product, 'number' | 'line'>) => string;
  /** @param picture as the source names it, trimmed. */
  readonly openPicture: (picture: string) => PictureReading | Promise<PictureReading>;
  /** The id of a product whose source has no ids. */
  readonly idOf?: ((picture: string) => string) | undefined;
  /** Base of relative links. */
  readonly base?: URL | undefined;
}

export async function* productRecords(options: ProductSourceOptions): AsyncGenerator<SourceRecord, void> {
  const { entries, survey, where: whereOf } = options;
  const ids = createIdRegister();
  for await (const product of productsOf(entries(), survey)) {
    const where = whereOf(product);
    if ('reason' in product) {
      yield { kind: 'rejected', where, reason: product.reason };
      continue;
    }
    const record = await recordFrom(product, options);
    const reason = 'reason' in record ? record.reason : ids.claim(record.item.id, where);
    if (reason !== undefined) yield { kind: 'rejected', where, reason, ...namesOf(product.fields) };
    else if ('item' in record) yield { kind: 'item', where, ...record };
  }
}

// --- Internal helpers ---

type ReadableItem = Pick<ItemRecord, 'item' | 'read' | 'readIfChanged'>;

async function recordFrom(
  { fields: given, variants }: ProductFields,
  options: ProductSourceOptions,
): Promise<ReadableItem | { readonly reason: string }> {
  const hidden = unpublishedReason(given);
  if (hidden !== undefined) return { reason: hidden };
  const [picture] = [
    ...picturesIn(given.picture),
    ...picturesIn(given.additional_picture),
    ...variants.flatMap(({ picture }) => picturesIn(picture)),
  ];
  const fields = {
    ...given,
    ...(!given.id?.trim() && picture !== undefined && options.idOf && { id: options.idOf(picture) }),
  };
  const result = itemFrom(withInventoryTerms(fields, options.base), options);
  if ('reason' in result) return result;
  if (picture === undefined) return { reason: 'it names no picture' };
  const reading = await options.openPicture(picture);
  if ('reason' in reading) return reading;
  return { item: withVariants(result.item, variants, options), ...reading };
}

/** Translates the values of the Google Merchant format into those of the inventory; of several colours the first is the main one. */
function withInventoryTerms(fields: Fields, base: URL | undefined): Fields {
  const { gender, colour, age_group, link } = fields;
  return {
    ...fields,
    ...(gender !== undefined && { gender: merchantGender(gender, age_group) }),
    ...(colour !== undefined && { colour: colour.split('/')[0] }),
    ...(link?.startsWith('/') &&
      base &&
      URL.canParse(link, base.href) && { link: new URL(link, base.href).href }),
  };
}

/** The item costs what its cheapest variant in stock costs, and is in stock if one of them is. */
function withVariants(item: SourceItem, list: readonly Fields[], options: ProductSourceOptions): SourceItem {
  if (list.length === 0) return item;
  const variants = list
    .slice(0, MAX_VARIANTS)
    .map((fields) => variantFrom(withInventoryTerms(fields, options.base), options));
  const cheapest = cheapestOf(variants);
  const availability = bestAvailability(variants) ?? item.availability;
  const { price, regularPrice, sale } = cheapest ?? item;
  const link = item.link ?? cheapest?.link;
  const { id, title, labels } = item;
  return {
    id,
    title,
    labels,
    ...(link !== undefined && { link }),
    ...(price !== undefined && { price }),
    ...(regularPrice !== undefined && { regularPrice }),
    ...(sale !== undefined && { sale }),
    ...(availability !== undefined && { availability }),
    ...(variants.length > 1 && { variants }),
  };
}

function cheapestOf(variants: readonly Variant[]): Variant | undefined {
  const priced = variants.filter(({ price }) => price !== undefined);
  const buyable = priced.filter(({ availability }) => availability !== 'out of stock');
  const amount = ({ price = '' }: Variant): number => amountOf(price) ?? Infinity;
  return (buyable.length > 0 ? buyable : priced).reduce<Variant | undefined>(
    (best, next) => (best && amount(best) <= amount(next) ? best : next),
    undefined,
  );
}

function bestAvailability(variants: readonly Variant[]): Availability | undefined {
  const order: readonly Availability[] = ['in stock', 'preorder', 'backorder', 'out of stock'];
  const found = new Set(variants.map(({ availability }) => availability));
  // A variant of which nothing is known may be in stock.
  if (found.has(undefined) && !found.has('in stock')) return undefined;
  return order.find((availability) => found.has(availability));
}

const UNPUBLISHED = /^(draft|archived|private|trash|pending|disabled|inactive|unpublished|inaktiv|entwurf)$/i;

/** Drafts and archived products have no page in the shop. */
function unpublishedReason({ status = '', published = '' }: Fields): string | undefined {
  const isHidden = UNPUBLISHED.test(status.trim()) || /^(false|0|-1|no)$/i.test(published.trim());
  const word = UNPUBLISHED.test(status.trim()) ? status.trim() : 'not published';
  return isHidden ? `it is not published in the shop (${word})` : undefined;
}

/** How messages name a record that cannot be used. */
function namesOf(fields: Fields): { id?: string; title?: string; link?: string } {
  const [id, title, link] = [fields.id, fields.title, fields.link].map((value) =>
    cleanValue(value)?.slice(0, 200),
  );
  return {
    ...(id !== undefined && { id }),
    ...(title !== undefined && { title }),
    ...(link !== undefined && { link }),
  };
}
