/** Which of the prices of a record applies: the regular one or that of a sale. */

import type { Variant } from '../catalogue/item.ts';
import { amountOf, canonicalPrice } from '../catalogue/price.ts';
import type { Fields } from './column-names.ts';
import { decodeEntities } from './text/entities.ts';

export interface PriceOptions {
  /** Currency of prices that name none, ISO 4217. */
  readonly currency?: string | undefined;
  /** Milliseconds since 1970. Default: the clock. */
  readonly now?: number | undefined;
}

type Prices = Pick<Variant, 'price' | 'regularPrice' | 'sale'>;

/**
 * A sale price that is lower than the regular one is the price, within its dates if it has any. A regular price that is higher
 * than the price (`compare at`, `RRP`) is kept beside it.
 */
export function pricesOf(fields: Fields, { currency, now = Date.now() }: PriceOptions): Prices {
  const read = (value: string | undefined): string | undefined =>
    priceText(value, cleanCurrency(fields.currency) ?? currency);
  const listed = read(fields.regular_price);
  const base = read(fields.price) ?? listed;
  const sale = read(fields.sale_price);
  if (sale === undefined || !isLower(sale, base)) {
    const regularPrice =
      base !== undefined && listed !== undefined && isLower(base, listed) ? listed : undefined;
    return {
      ...(base !== undefined && { price: base }),
      ...(regularPrice !== undefined && { regularPrice }),
    };
  }
  const regular = listed !== undefined && isLower(sale, listed) ? listed : base;
  if (regular === undefined) return { price: sale };
  const dates = saleDates(fields);
  const isOn = (dates.from ?? -Infinity) <= now && now <= (dates.until ?? Infinity);
  const limits = {
    ...(dates.from !== undefined && { from: new Date(dates.from).toISOString() }),
    ...(dates.until !== undefined && { until: new Date(dates.until).toISOString() }),
  };
  return {
    ...(isOn ? { price: sale, regularPrice: regular } : { price: regular }),
    ...(Object.keys(limits).length > 0 && { sale: { price: sale, regular, ...limits } }),
  };
}

// --- Internal helpers ---

const MAX_PRICE_LENGTH = 50;
const UNKNOWN = /^(|-|n\/?a|nan|null|none|undefined)$/i;

function cleanCurrency(value: string | undefined): string | undefined {
  const code = value?.trim();
  return code === '' ? undefined : code;
}

function priceText(value: string | undefined, currency: string | undefined): string | undefined {
  const clean = decodeEntities(value ?? '')
    .normalize('NFC')
    .replace(/[\s\p{Cc}\p{Cs}]+/gu, ' ')
    .trim();
  if (UNKNOWN.test(clean)) return undefined;
  const text = canonicalPrice(clean, currency);
  return text.length <= MAX_PRICE_LENGTH ? text : undefined;
}

/** Whether a price is positive and lower than another one. Everything is lower than no price; free text is not lower. */
function isLower(price: string, than: string | undefined): boolean {
  const amount = amountOf(price);
  if (amount === undefined || amount <= 0) return false;
  if (than === undefined) return true;
  const other = amountOf(than);
  return other !== undefined && amount < other;
}

/** Milliseconds since 1970. Google writes both dates in one field: `2026-11-01T00:00+0100/2026-11-30T23:59+0100`. */
function saleDates(fields: Fields): { from: number | undefined; until: number | undefined } {
  const [from, until] = (fields.sale_dates ?? '').split('/');
  const isRange = /\/\s*\d{4}-/.test(fields.sale_dates ?? '');
  return {
    from: timeOf(isRange ? from : fields.sale_from, false),
    until: timeOf(isRange ? until : fields.sale_until, true),
  };
}

/** A date without a time stands for the whole day, in the time zone of this machine. */
function timeOf(value: string | undefined, isEnd: boolean): number | undefined {
  const text = value?.trim() ?? '';
  if (text === '') return undefined;
  const day = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  const time = day
    ? new Date(Number(day[1]), Number(day[2]) - 1, Number(day[3]) + (isEnd ? 1 : 0)).getTime() -
      (isEnd ? 1 : 0)
    : Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  return Number.isFinite(time) ? time : undefined;
}
