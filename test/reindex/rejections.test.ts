import { describe, expect, it } from 'vitest';
import { earlierExport } from '../../src/reindex/earlier-export.ts';
import { groupRejections, rejectionName, rejectionsCsv } from '../../src/reindex/rejections.ts';

describe('records that could not be used', () => {
  it('are named by id, title and address, and by their place', () => {
    const names = { id: 'a1', title: 'Blue shirt', link: 'https://shop.example/a1' };
    expect(rejectionName({ where: 'shop item 7', reason: 'x', ...names })).toBe(
      'a1 "Blue shirt" https://shop.example/a1, shop item 7',
    );
    expect(rejectionName({ where: 'shop item 7', reason: 'x' })).toBe('shop item 7');
  });

  it('are grouped by what is wrong with them, largest group first', () => {
    const at = (n: number, reason: string) => ({ where: `line ${n}`, reason });
    const groups = groupRejections([
      at(1, 'it names no picture'),
      at(2, 'there is no picture pics/2.jpg'),
      at(3, 'there is no picture pics/a b/3.jpg'),
      at(4, 'there is no picture pics/4.jpg'),
      at(5, 'the id "x" is already used by shop item 1; the first one is kept'),
      at(6, 'the id "y" is already used by shop item 2; the first one is kept'),
    ]);
    expect(groups.map(({ reason, rejections }) => [reason, rejections.length])).toEqual([
      [expect.stringMatching(/^there is no picture …/), 3],
      ['the id … is already used by shop item …; the first one is kept', 2],
      ['it names no picture', 1],
    ]);
  });

  it('are all in a table that a spreadsheet opens, without formulas', () => {
    const csv = rejectionsCsv([
      { source: 'shop', where: 'line 2', id: 'a', title: '=HYPERLINK("x")', reason: 'one, two' },
    ]);
    expect(csv).toBe(
      '\ufeffsource,place,id,title,link,reason\r\nshop,line 2,a,"\'=HYPERLINK(""x"")",,"one, two"\r\n',
    );
  });
});

describe('the next export of a shop', () => {
  it.each([
    ['/x/shop-2026-12.csv', 'shop-2026-11'],
    ['/x/shop_20261201.xml', 'shop_20261101'],
    ['/x/shop 2026.12.01.csv', 'shop 2026.11.01'],
    ['/x/products_export (1).csv', 'products_export'],
    ['/x/wc-product-export-1-12-2026-1764547200000.csv', 'wc-product-export-1-11-2026-1761955200000'],
    ['/x/shop-2026-12.csv', 'shop'],
    ['/x/shop.csv', 'shop-2026-11'],
  ])('%s belongs to the source %s', (path, name) => {
    expect(earlierExport(path, ['annex', name])).toBe(name);
  });

  it.each([
    ['/x/shop-2026-12.csv', ['shop-2026-12', 'shop-2026-11']],
    ['/x/shop-2.csv', ['shop-1']],
    ['/x/shoes-2026-12.csv', ['shirts-2026-11']],
    ['/x/photos-2026-12', ['photos-2026-11']],
    ['https://shop.example/shop-2026-12.csv', ['shop-2026-11']],
  ])('%s belongs to none of %j', (path, known) => {
    expect(earlierExport(path, known)).toBeUndefined();
  });
});
