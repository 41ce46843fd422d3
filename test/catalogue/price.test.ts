import { describe, expect, it } from 'vitest';
import { amountOf, canonicalPrice, formatPrice, readPrice } from '../../src/catalogue/price.ts';
import { currentItem, type Item } from '../../src/catalogue/item.ts';

describe('a price', () => {
  it.each([
    ['12.50 EUR', '12.50 EUR'],
    ['12,50 €', '12.50 EUR'],
    ['€12.50', '12.50 EUR'],
    ['EUR 12.5', '12.5 EUR'],
    ['1.299,00 EUR', '1299.00 EUR'],
    ['1,299.00 USD', '1299.00 USD'],
    ['1 299,90 zł', '1299.90 PLN'],
    ["CHF 1'299.-", "CHF 1'299.-"],
    ["CHF 1'299.00", '1299.00 CHF'],
    ['1.299 EUR', '1299 EUR'],
    ['12.500 KWD', '12.50 KWD'],
    ['￥1,980', '￥1,980'],
    ['1,980円', '1980 JPY'],
    ['1299 INR', '1299 INR'],
    ['Rs. 1,299', '1299 INR'],
    ['45.000000 EUR', '45.00 EUR'],
    ['US$ 5', '5 USD'],
  ])('%s is kept as %s', (text, kept) => {
    expect(canonicalPrice(text)).toBe(kept);
  });

  it.each([
    '$12.50',
    'from 12 to 20 EUR',
    'on request',
    '12.50',
    '120 kr',
    'ab 12,50 €',
    '12.50 XYZ',
    '-5 EUR',
  ])('%s is free text, which stays as it came', (text) => {
    expect(canonicalPrice(text)).toBe(text);
    expect(readPrice(text)).toBeUndefined();
  });

  it('without a currency gets that of its source', () => {
    expect(canonicalPrice('49.00', 'EUR')).toBe('49.00 EUR');
    expect(canonicalPrice('$49.00', 'EUR')).toBe('$49.00');
    expect(canonicalPrice('49,00 USD', 'EUR')).toBe('49.00 USD');
    expect(canonicalPrice('49.00', 'nonsense')).toBe('49.00');
  });

  it('can be compared', () => {
    expect(readPrice('1299.50 EUR')).toEqual({ amount: 1299.5, currency: 'EUR' });
    expect(amountOf('1.299,50')).toBe(1299.5);
    expect(amountOf('on request')).toBeUndefined();
  });

  it('is shown in the form of its reader', () => {
    expect(formatPrice('1299.50 EUR', 'de')).toBe('1.299,50\u00a0€');
    expect(formatPrice('1299.50 EUR', 'en-GB')).toBe('€1,299.50');
    expect(formatPrice('1299 INR', 'en-GB')).toBe('₹1,299');
    expect(formatPrice('$5', 'de')).toBe('$5');
  });
});

describe('a sale', () => {
  const sale = {
    price: '15.00 EUR',
    regular: '20.00 EUR',
    from: '2026-11-01T00:00:00.000Z',
    until: '2026-12-01T00:00:00.000Z',
  };
  const item: Item = {
    id: 'a',
    title: 'A',
    labels: {},
    picture: 'a'.repeat(64),
    source: 'shop',
    price: '15.00 EUR',
    regularPrice: '20.00 EUR',
    sale,
    variants: [{ id: 'a1', price: '15.00 EUR', regularPrice: '20.00 EUR', sale }, { id: 'a2' }],
  };

  it('ends on its own, also between two imports', () => {
    const during = currentItem(item, Date.parse('2026-11-15'));
    expect([during.price, during.regularPrice]).toEqual(['15.00 EUR', '20.00 EUR']);
    for (const day of ['2026-10-31', '2026-12-02']) {
      const outside = currentItem(item, Date.parse(day));
      expect([outside.price, outside.regularPrice]).toEqual(['20.00 EUR', undefined]);
      expect(outside.variants?.[0]).toMatchObject({ price: '20.00 EUR' });
    }
  });

  it('leaves other items alone', () => {
    const plain: Item = { ...item, sale: undefined, variants: undefined };
    expect(currentItem(plain, 0)).toBe(plain);
  });
});
