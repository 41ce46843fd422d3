/** Prices as amounts in a currency, and the text under which the catalogue keeps them. */

export interface Price {
  /** Zero or more, in the main unit of the currency. */
  readonly amount: number;
  /** ISO 4217, for example `EUR`. */
  readonly currency: string;
}

/**
 * The text that the catalogue keeps: `12.50 EUR` for what is a price in any usual notation (`12,50 €`, `EUR 12.50`, `1.299,00 EUR`).
 * Any other text stays as it came.
 * @param currency of a price that names none, ISO 4217.
 */
export function canonicalPrice(text: string, currency?: string): string {
  const parts = partsOf(text);
  if (!parts) return text;
  const code = parts.currency ?? (parts.isBare ? currencyCode(currency) : undefined);
  return code === undefined ? text : `${plainNumber(parts.number, code)} ${code}`;
}

/** The amount and currency of a text in the canonical form; undefined for free text. */
export function readPrice(text: string): Price | undefined {
  const [, number = '', code = ''] = /^(\d+(?:\.\d+)?) ([A-Z]{3})$/.exec(text) ?? [];
  return CURRENCIES.has(code) ? { amount: Number(number), currency: code } : undefined;
}

/** The amount of a price in any notation, also of one without a currency; undefined when the text has no single number. */
export function amountOf(text: string): number | undefined {
  const parts = partsOf(text);
  return parts && Number(plainNumber(parts.number, parts.currency));
}

/** Whether these three letters are a currency of ISO 4217. */
export function isCurrency(code: string): boolean {
  return CURRENCIES.has(code);
}

/** In the reader's form, for example `12,50 €` in German; free text stays as it is. @param locale a BCP 47 language tag. */
export function formatPrice(text: string, locale: string): string {
  const price = readPrice(text);
  if (!price) return text;
  const { amount, currency } = price;
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    // Whole amounts are shown as the shop writes them: `1299 INR` has no decimal places.
    ...(Number.isInteger(amount) && !text.includes('.') && { maximumFractionDigits: 0 }),
  }).format(amount);
}

// --- Internal helpers ---

const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

/** Signs that stand for one currency only. `$`, `¥` and `kr` stand for several, so a price with them stays free text. */
const SIGNS: Readonly<Record<string, string | undefined>> = {
  '€': 'EUR',
  '£': 'GBP',
  '₹': 'INR',
  '₩': 'KRW',
  '₺': 'TRY',
  '₽': 'RUB',
  '₴': 'UAH',
  '₪': 'ILS',
  '฿': 'THB',
  '₫': 'VND',
  '₱': 'PHP',
  '₦': 'NGN',
  円: 'JPY',
  元: 'CNY',
  원: 'KRW',
  US$: 'USD',
  C$: 'CAD',
  CA$: 'CAD',
  A$: 'AUD',
  AU$: 'AUD',
  NZ$: 'NZD',
  HK$: 'HKD',
  R$: 'BRL',
  ZŁ: 'PLN',
  KČ: 'CZK',
  FT: 'HUF',
  LEI: 'RON',
  ЛВ: 'BGN',
  EURO: 'EUR',
  RS: 'INR',
};

interface PriceParts {
  /** As written, digits and separators. */
  readonly number: string;
  readonly currency: string | undefined;
  /** Nothing stands beside the number. */
  readonly isBare: boolean;
}

/** Undefined when the text has no number, several numbers, or words beside it that are no currency. */
function partsOf(text: string): PriceParts | undefined {
  const numbers = text.match(/\d[\d.,'’\s]*/g);
  if (numbers?.length !== 1 || /-\s*\d/.test(text)) return undefined;
  const number = numbers[0].trim().replace(/[.,]$/, '');
  const beside = text
    .replace(numbers[0], ' ')
    .replace(/[\s.]+/g, ' ')
    .trim();
  const currency = currencyCode(beside);
  return beside !== '' && currency === undefined ? undefined : { number, currency, isBare: beside === '' };
}

function currencyCode(word: string | undefined): string | undefined {
  const upper = word?.trim().toUpperCase();
  if (upper === undefined || upper === '') return undefined;
  return CURRENCIES.has(upper) ? upper : SIGNS[upper];
}

/**
 * With a point before the decimal places and nothing between thousands. One separator with three digits after it separates
 * thousands, unless the currency has three decimal places (`12.500 KWD`) or there are none (`0.125`).
 */
function plainNumber(number: string, currency: string | undefined): string {
  const digits = number.replace(/['’\s]/g, '');
  const last = Math.max(digits.lastIndexOf('.'), digits.lastIndexOf(','));
  if (last < 0) return digits;
  const before = digits.slice(0, last).replace(/[.,]/g, '');
  const after = digits.slice(last + 1);
  const kinds = new Set(digits.match(/[.,]/g));
  const count = digits.match(/[.,]/g)?.length ?? 0;
  const isThousands =
    kinds.size === 1 &&
    (count > 1 || (after.length === 3 && !/^0*$/.test(before) && decimalsOf(currency) !== 3));
  if (isThousands) return before + after;
  // Shop systems write up to six decimal places, of which the last are zeros.
  const places = after.replace(/0+$/, '').padEnd(Math.min(2, after.length), '0');
  return places === '' ? before || '0' : `${before || '0'}.${places}`;
}

function decimalsOf(currency: string | undefined): number {
  if (currency === undefined) return 2;
  return (
    new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
  );
}
