import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import iconv from 'iconv-lite';
import { mkdtemp, truncate } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebAccess } from '../../src/sources/feed/fetch-feed.ts';
import { createFetcher } from '../../src/sources/http/fetcher.ts';
import { createHttpCache } from '../../src/sources/http/http-cache.ts';
import { openSource, type SourceSettings } from '../../src/sources/open-source.ts';
import type { Source, SourceItem } from '../../src/sources/source.ts';
import { type ShopServer, startShop } from '../fakes/shop-server.ts';
import { createMemoryStore } from '../memory-store.ts';
import { type Files, folderOf, readAll, type ReadSource, readPictures } from './fixtures.ts';

const PICTURES: Files = { 'pics/a.jpg': 'picture a', 'pics/b.jpg': 'picture b', 'pics/c.jpg': 'picture c' };

let shop: ShopServer;
let web: WebAccess;
const open: Source[] = [];

beforeEach(async () => {
  shop = await startShop();
  web = {
    fetcher: createFetcher({ sleep: () => Promise.resolve() }),
    cache: createHttpCache(createMemoryStore().namespace('fetched')),
    feedsFolder: await mkdtemp(join(tmpdir(), 'feeds-')),
  };
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((source) => source.close()));
  await web.fetcher.close();
  await shop.close();
});

async function read(
  name: string,
  content: string | Uint8Array,
  settings: SourceSettings = {},
): Promise<ReadSource> {
  const folder = folderOf({ ...PICTURES, [name]: content });
  const source = await openSource(join(folder, name), { settings: { allowPrivate: true, ...settings }, web });
  open.push(source);
  const all = await readAll(source);
  expect(all.items.length + all.rejected.length).toBe(source.count);
  return all;
}

async function itemsIn(
  name: string,
  content: string | Uint8Array,
  settings: SourceSettings = {},
): Promise<SourceItem[]> {
  const { items, rejected } = await read(name, content, settings);
  expect(rejected).toEqual([]);
  return items.map(({ item }) => item);
}

describe('a Google Merchant feed', () => {
  const rss = (item: string): string =>
    `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>` +
    `<item><g:id>a</g:id><g:image_link>pics/a.jpg</g:image_link>${item}</item></channel></rss>`;

  it.each(['\n', '  \r\n\r\n', '\ufeff\n'])(
    'may have white space before its declaration: %j',
    async (space) => {
      expect(await itemsIn('feed.xml', `${space}${rss('<title>First</title>')}`)).toMatchObject([
        { title: 'First' },
      ]);
    },
  );

  it('may have entities that were encoded twice', async () => {
    const item =
      '<title>Hoodie &amp;#8211; Blue &amp;amp; White &amp;quot;L&amp;quot;</title><link>https://shop.example/a?x=1&amp;amp;copy=2</link>' +
      '<g:product_type>Clothing &amp;amp; Shoes &amp;gt; Hoodies</g:product_type>' +
      '<g:google_product_category>Apparel &amp;amp; Accessories &amp;gt; Clothing &amp;gt; Dresses</g:google_product_category>';
    expect(await itemsIn('feed.xml', rss(item))).toMatchObject([
      {
        title: 'Hoodie – Blue & White "L"',
        link: 'https://shop.example/a?x=1&copy=2',
        labels: { type: 'Hoodies', category: 'Apparel & Accessories', subcategory: 'Clothing' },
      },
    ]);
  });

  it('may have the number of the taxonomy before a category', async () => {
    const category = '2271 - Apparel &amp; Accessories &gt; Clothing &gt; Dresses';
    const item = `<g:google_product_category>${category}</g:google_product_category>`;
    expect(await itemsIn('feed.xml', rss(item))).toMatchObject([
      { labels: { type: 'Dresses', category: 'Apparel & Accessories', subcategory: 'Clothing' } },
    ]);
  });

  it('joins the variants of an item group, wherever they are', async () => {
    const row = (id: string, size: string, price: string, stock: string): string =>
      `${id}\tLinen dress\tpics/a.jpg\t${price}\t${stock}\tDRESS\t${size}\tBlue`;
    const [item, other] = await itemsIn(
      'feed.txt',
      [
        'id\ttitle\timage_link\tprice\tavailability\titem_group_id\tsize\tcolor',
        row('d-s', 'S', '49.00 EUR', 'out_of_stock'),
        'x\tShirt\tpics/b.jpg\t5 EUR\tin_stock\t\t\t',
        row('d-m', 'M', '59.00 EUR', 'in_stock'),
        '',
      ].join('\n'),
    );
    expect(item?.id).toBe('x');
    expect(other).toMatchObject({
      id: 'DRESS',
      title: 'Linen dress',
      price: '59.00 EUR',
      availability: 'in stock',
      variants: [
        { id: 'd-s', size: 'S', colour: 'Blue', price: '49.00 EUR', availability: 'out of stock' },
        { id: 'd-m', size: 'M', colour: 'Blue', price: '59.00 EUR', availability: 'in stock' },
      ],
    });
  });

  it('gives the sale price within its dates, and the regular one beside it', async () => {
    const feed = (dates: string): string =>
      `id\timage_link\tprice\tsale_price\tsale_price_effective_date\na\tpics/a.jpg\t20.00 EUR\t15.00 EUR\t${dates}\n`;
    const year = new Date().getFullYear();
    const [now] = await itemsIn(
      'feed.txt',
      feed(`${year - 1}-01-01T00:00+0100/${year + 1}-12-31T23:59+0100`),
    );
    expect(now).toMatchObject({ price: '15.00 EUR', regularPrice: '20.00 EUR' });
    expect(now?.sale?.until).toBe(`${year + 1}-12-31T22:59:00.000Z`);
    const [later] = await itemsIn('feed.txt', feed(`${year + 1}-01-01T00:00Z/${year + 1}-02-01T00:00Z`));
    expect(later).toMatchObject({ price: '20.00 EUR', sale: { price: '15.00 EUR', regular: '20.00 EUR' } });
    expect(later?.regularPrice).toBeUndefined();
    expect(await itemsIn('feed.txt', feed(''))).toMatchObject([
      { price: '15.00 EUR', regularPrice: '20.00 EUR' },
    ]);
  });

  it('comes from the Merchant API with attributes and millionths', async () => {
    const product = (id: string, attributes: object): object => ({
      name: `accounts/123/products/en~US~${id}`,
      offerId: id,
      contentLanguage: 'en',
      productAttributes: { imageLink: 'pics/a.jpg', ...attributes },
    });
    const products = [
      product('sku-1', {
        title: 'Dress',
        price: { amountMicros: '19900000', currencyCode: 'EUR' },
        availability: 'IN_STOCK',
        gender: 'FEMALE',
      }),
      product('sku-2', {
        price: { amountMicros: 1299000000, currencyCode: 'INR' },
        availability: 'PREORDER',
      }),
    ];
    expect(await itemsIn('products.json', JSON.stringify({ products }))).toMatchObject([
      {
        id: 'sku-1',
        title: 'Dress',
        price: '19.90 EUR',
        availability: 'in stock',
        labels: { gender: 'Women' },
      },
      { id: 'sku-2', title: 'Item sku-2', price: '1299 INR', availability: 'preorder' },
    ]);
  });

  it('comes from the older Content API', async () => {
    const resource = {
      kind: 'content#product',
      id: 'online:en:DE:sku-1',
      offerId: 'sku-1',
      title: 'Dress',
      imageLink: 'pics/a.jpg',
      additionalImageLinks: ['pics/b.jpg'],
      price: { value: '19.90', currency: 'EUR' },
      salePrice: { value: '9.90', currency: 'EUR' },
      sizes: ['M'],
      productTypes: ['Women > Dresses'],
    };
    expect(await itemsIn('products.json', JSON.stringify({ resources: [resource] }))).toMatchObject([
      { id: 'sku-1', price: '9.90 EUR', regularPrice: '19.90 EUR', labels: { type: 'Dresses' } },
    ]);
  });
});

describe('a table', () => {
  it('may have comments and titles before its header', async () => {
    const content =
      'Export of the shop;;\n"# must be there: what, you call it","# must be there: name"\nid,title,image_link\na,First,pics/a.jpg\n';
    expect(await itemsIn('catalog.csv', content)).toMatchObject([{ id: 'a', title: 'First' }]);
  });

  it('may name its pictures as Facebook flattens them', async () => {
    const content =
      'id,title,image[0].url,image[0].tag[0],image[1].url\na,First,pics/a.jpg,front,pics/b.jpg\nb,Second,,,pics/b.jpg\n';
    expect(await readPictures(await read('catalog.csv', content))).toEqual({
      a: 'picture a',
      b: 'picture b',
    });
  });

  it.each([
    ['sep=;\r\nid;title;picture\r\na;x, y;pics/a.jpg\r\n', 'items.csv'],
    ['"sep=|"\nid|title|picture\na|x, y|pics/a.jpg\n', 'items.csv'],
    ['sep=\t\nid\ttitle\tpicture\na\tx, y\tpics/a.jpg\n', 'items.csv'],
    ['\ufeffsep=;\nid;title;picture\na;x, y;pics/a.jpg\n', 'items.csv'],
    ['id|title|picture\na|x, y|pics/a.jpg\n', 'items.csv'],
    ['id|title|image_link\na|x, y|pics/a.jpg\n', 'export.txt'],
    ['id|title|picture\na|x, y|pics/a.jpg\n', 'export.dat'],
    ['id|title|picture\na|x, y|pics/a.jpg\n', 'EXPORT'],
    ['id;title;picture\na;"x, y";pics/a.jpg\n', 'items.tsv'],
  ])('is read by its own separator: %j', async (content, name) => {
    expect(await itemsIn(name, content)).toMatchObject([{ id: 'a', title: 'x, y' }]);
  });

  it.each([
    'id\ttitle\timage_link\na\t"Classic" Tee\tpics/a.jpg\nb\t14" Bag\tpics/b.jpg\nc\t"Best\tpics/c.jpg\n',
    'sku\tname\tpicture\na\t"Classic" Tee\tpics/a.jpg\nb\t14" Bag\tpics/b.jpg\nc\t"Best\tpics/c.jpg\n',
  ])('separated by tabs takes quotes as letters: %j', async (content) => {
    const items = await itemsIn('items.tsv', content);
    expect(items.map(({ title }) => title)).toEqual(['"Classic" Tee', '14" Bag', '"Best']);
  });

  it('separated by tabs may still quote whole values, as spreadsheets do', async () => {
    const content = 'id\ttitle\tpicture\na\t"14"" Bag"\tpics/a.jpg\nb\t"two\nlines"\tpics/b.jpg\n';
    const items = await itemsIn('items.tsv', content);
    expect(items.map(({ title }) => title)).toEqual(['14" Bag', 'two lines']);
  });

  it('loses no row but its own to a quote that is never closed', async () => {
    const content =
      'id,title,picture\na,"Best tee,pics/a.jpg\nb,"Skirt, blue",pics/b.jpg\nc,"Two\nlines",pics/c.jpg\n';
    const items = await itemsIn('items.csv', content);
    expect(items.map(({ title }) => title)).toEqual(['"Best tee', 'Skirt, blue', 'Two lines']);
  });

  it('names rows that change the separator', async () => {
    const { ids, reasons } = await read('items.csv', 'id,title,picture\na,A,pics/a.jpg\nb;B;pics/b.jpg\n');
    expect(ids).toEqual(['a']);
    expect(reasons['items.csv line 3']).toMatch(/separated by ";", but those of the header by ","/);
  });

  it.each([
    ['UTF-16 with a mark', Buffer.from('\ufeffid\ttitle\tpicture\na\tGröße – 5 €\tpics/a.jpg\n', 'utf16le')],
    ['UTF-16 without a mark', Buffer.from('id\ttitle\tpicture\na\tGröße – 5 €\tpics/a.jpg\n', 'utf16le')],
    [
      'big-endian UTF-16',
      Buffer.from('\ufeffid,title,picture\na,Größe – 5 €,pics/a.jpg\n', 'utf16le').swap16(),
    ],
    ['Windows-1252', iconv.encode('id;title;picture\na;Größe – 5 €;pics/a.jpg\n', 'windows-1252')],
  ])('is read in %s, signs and all', async (_, content) => {
    expect(await itemsIn('items.csv', content)).toMatchObject([{ title: 'Größe – 5 €' }]);
  });

  it('finds no new separator in a table of one column', async () => {
    expect((await read('items.csv', 'photo\npics/a.jpg\npics/b.jpg\n')).ids).toEqual(['pics/a', 'pics/b']);
  });
});

describe('ids with more digits than a number can hold', () => {
  const ids = ['24571234567890123', '24571234567890125'];
  const objects = ids.map((id) => `{"id": ${id}, "n": 1.5, "title": "No ${id}", "picture": "pics/a.jpg"}`);
  it.each([
    ['lines', 'items.jsonl', `${objects.join('\n')}\n`],
    ['a list', 'items.json', `[${objects.join(',')}]`],
    ['a list in an object', 'items.json', `{"products":[${objects.join(',')}]}`],
  ])('are kept in %s', async (_, name, content) => {
    const items = await itemsIn(name, content);
    expect(items.map(({ id }) => id)).toEqual(ids);
    expect(items[0]?.title).toBe(`No ${ids[0]!}`);
  });
});

describe('Shopify', () => {
  it('exports rows of variants and pictures below their product', async () => {
    const content = [
      'Handle,Title,Vendor,Product Category,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,Variant Inventory Qty,Variant Price,Variant Compare At Price,Image Src,Image Position,Image Alt Text,Google Shopping / Gender,Status',
      'linen,Linen shirt,V,Apparel & Accessories > Clothing,Shirts,"a, b",TRUE,Size,S,Color,Blue,L-S,0,49.00,59.00,pics/a.jpg,1,front,unisex,active',
      'linen,,,,,,,,M,,Red,L-M,3,45.00,59.00,pics/b.jpg,2,back,,',
      'linen,,,,,,,,,,,,,,,pics/c.jpg,3,,,',
      'tee,Tee,V,,Shirts,,TRUE,Title,Default Title,,,T-1,1,10.00,,pics/c.jpg,1,,,active',
      'old,Old,V,,Shirts,,FALSE,Title,Default Title,,,O-1,1,10.00,,pics/c.jpg,1,,,draft',
      '',
    ].join('\n');
    const { items, reasons } = await read('products_export.csv', content, { currency: 'EUR' });
    expect(items.map(({ item }) => item)).toEqual([
      {
        id: 'linen',
        title: 'Linen shirt',
        labels: { type: 'Shirts', colour: 'Blue', gender: 'Unisex', category: 'Apparel & Accessories' },
        price: '45.00 EUR',
        regularPrice: '59.00 EUR',
        availability: 'in stock',
        variants: [
          {
            id: 'L-S',
            size: 'S',
            colour: 'Blue',
            price: '49.00 EUR',
            regularPrice: '59.00 EUR',
            availability: 'out of stock',
          },
          {
            id: 'L-M',
            size: 'M',
            colour: 'Red',
            price: '45.00 EUR',
            regularPrice: '59.00 EUR',
            availability: 'in stock',
          },
        ],
      },
      { id: 'tee', title: 'Tee', labels: { type: 'Shirts' }, price: '10.00 EUR', availability: 'in stock' },
    ]);
    expect(Object.values(reasons)).toEqual([expect.stringMatching(/not published in the shop \(draft\)/)]);
  });

  const product = (id: number, more: object = {}): object => ({
    id,
    title: `Shirt ${id}`,
    handle: `shirt-${id}`,
    product_type: 'Shirts',
    options: [{ name: 'Size', values: ['S', 'M'] }],
    images: [{ src: `${shop.url}/a.jpg` }, { src: `${shop.url}/b.jpg` }],
    variants: [
      {
        id: 1,
        title: 'S',
        option1: 'S',
        price: '49.00',
        compare_at_price: '60.00',
        available: false,
        sku: 'S-S',
      },
      { id: 2, title: 'M', option1: 'M', price: '52.00', available: true, sku: 'S-M' },
    ],
    ...more,
  });

  it('lists its products as JSON, page by page', async () => {
    shop.pages.set('/a.jpg', { body: 'picture a' });
    for (const [page, path, count] of [
      [1, '/products.json?limit=250', 250],
      [2, '/products.json?limit=250&page=2', 3],
      [3, '/products.json?limit=250&page=3', 0],
    ] as const) {
      const products = Array.from({ length: count }, (_, n) => product(8_000_000_000_000 + page * 1_000 + n));
      shop.pages.set(path, { body: JSON.stringify({ products }) });
    }
    const source = await openSource(`${shop.url}/products.json?limit=250`, {
      settings: { allowPrivate: true, requestsPerSecond: 1000 },
      web,
    });
    open.push(source);
    const { items } = await readAll(source);
    expect(items).toHaveLength(253);
    expect(items[0]?.item).toMatchObject({
      id: '8000000001000',
      title: 'Shirt 8000000001000',
      labels: { type: 'Shirts' },
      link: `${shop.url}/products/shirt-8000000001000`,
      price: '52.00',
      availability: 'in stock',
      variants: [
        { id: 'S-S', size: 'S', price: '49.00', regularPrice: '60.00', availability: 'out of stock' },
        { id: 'S-M', size: 'M', price: '52.00', availability: 'in stock' },
      ],
    });
    expect(Buffer.from(await items[0]!.read()).toString()).toBe('picture a');
  });
});

describe('a list in pages', () => {
  const list = (...ids: string[]): string =>
    JSON.stringify(ids.map((id) => ({ id, name: id, images: [{ src: `${shop.url}/a.jpg` }], price: '5' })));

  async function idsAt(path: string): Promise<string[]> {
    const settings = { allowPrivate: true, requestsPerSecond: 1000 };
    const source = await openSource(`${shop.url}${path}`, { settings, web });
    open.push(source);
    return (await readAll(source)).ids;
  }

  it('that the server announces is read to its end', async () => {
    const next = (page: number): Record<string, string> => ({
      link: `<${shop.url}/products?page=1>; rel="prev", <${shop.url}/products?page=${page}>; rel="next"`,
    });
    shop.pages.set('/products', { body: list('a', 'b'), headers: next(2) });
    shop.pages.set('/products?page=2', { body: list('c'), headers: next(3) });
    shop.pages.set('/products?page=3', { body: list('d') });
    expect(await idsAt('/products')).toEqual(['a', 'b', 'c', 'd']);
  });

  it('is not read at all when one of its pages is missing', async () => {
    shop.pages.set('/products', { body: list('a'), headers: { link: '</products?page=2>; rel="next"' } });
    await expect(idsAt('/products')).rejects.toThrow(/answered 404. Nothing was changed/);
  });

  it('ends where a server sends the same page again, or knows no pages', async () => {
    const products = [
      { id: 1, title: 'A', images: [{ src: `${shop.url}/a.jpg` }], variants: [{ price: '5' }] },
    ];
    const body = JSON.stringify({ products });
    shop.pages.set('/products.json', { body });
    expect(await idsAt('/products.json')).toEqual(['1']);
    shop.pages.set('/products.json?page=2', { body });
    expect(await idsAt('/products.json')).toEqual(['1']);
  });
});

describe('WooCommerce', () => {
  const header =
    'ID,Type,SKU,Name,Published,"In stock?",Stock,"Sale price","Regular price","Date sale price ends",Categories,Images,Parent,"Attribute 1 name","Attribute 1 value(s)"';

  it('exports products with their variations, whatever their order', async () => {
    const content = [
      header,
      '45,variation,woo-hoodie-blue,"Hoodie - Blue",1,1,,39,45,,,,woo-hoodie,Color,Blue',
      '44,variable,woo-hoodie,Hoodie,1,1,,,,,"Clothing > Hoodies, Sale","pics/a.jpg, pics/b.jpg",,Color,"Blue, Green"',
      '46,variation,woo-hoodie-green,"Hoodie - Green",1,0,,,45,,,pics/c.jpg,id:44,Color,Green',
      '47,simple,woo-cap,Cap,1,backorder,,,18,,"Clothing > Accessories > Caps",pics/b.jpg,,,',
      '48,"simple, virtual",gift,Gift,0,1,,,20,,Gifts,pics/b.jpg,,,',
      '49,simple,belt,Belt,1,1,4,12,15,2020-01-31,Clothing > Belts,pics/c.jpg,,,',
      '',
    ].join('\n');
    const { items, reasons } = await read('wc-product-export.csv', content, { currency: 'EUR' });
    const [hoodie, cap, belt] = ['44', '47', '49'].map(
      (id) => items.find(({ item }) => item.id === id)?.item,
    );
    expect(items).toHaveLength(3);
    expect(hoodie).toMatchObject({
      title: 'Hoodie',
      labels: { type: 'Hoodies', category: 'Clothing', colour: 'Blue' },
      price: '39 EUR',
      regularPrice: '45 EUR',
      availability: 'in stock',
      variants: [
        { id: 'woo-hoodie-blue', colour: 'Blue', price: '39 EUR', regularPrice: '45 EUR' },
        { id: 'woo-hoodie-green', colour: 'Green', price: '45 EUR', availability: 'out of stock' },
      ],
    });
    expect(cap).toMatchObject({ labels: { type: 'Caps' }, availability: 'backorder', price: '18 EUR' });
    expect(belt).toMatchObject({ price: '15 EUR', sale: { price: '12 EUR' } });
    expect(Object.values(reasons)).toEqual([expect.stringMatching(/not published/)]);
  });

  it('has a column that tells simple products from others, which is no type', async () => {
    const items = await itemsIn(
      'p.csv',
      'ID,Type,SKU,Name,Regular price,image_link\n44,variable,h,Hoodie,45,pics/a.jpg\n',
    );
    expect(items).toEqual([{ id: '44', title: 'Hoodie', labels: {}, price: '45' }]);
  });
});

describe('other shop systems', () => {
  it('Magento lists the variants of a product, and names pictures by its own folder', async () => {
    const content = [
      'sku,store_view_code,attribute_set_code,product_type,categories,name,price,special_price,url_key,base_image,additional_images,qty,is_in_stock,additional_attributes,configurable_variations',
      'WH-S,,Top,simple,"Default Category/Women/Jackets,Default Category/Sale",Jacket-S,51.000000,,jacket-s,/w/h/a.jpg,,10,1,"color=Blue,size=S",',
      'WH-M,,Top,simple,,Jacket-M,51.000000,40.000000,jacket-m,/w/h/a.jpg,,0,0,"color=Blue,size=M",',
      'WH,,Top,configurable,"Default Category/Women/Jackets,Default Category",Jacket,,,jacket,/w/h/a.jpg,"/w/h/b.jpg",,1,,"sku=WH-S,size=S,color=Blue|sku=WH-M,size=M,color=Blue"',
      '',
    ].join('\n');
    const folder = folderOf({ 'media/catalog/product/w/h/a.jpg': 'picture a', 'export.csv': content });
    const source = await openSource(join(folder, 'export.csv'), { settings: { currency: 'EUR' }, web });
    open.push(source);
    const all = await readAll(source);
    expect(all.rejected).toEqual([]);
    expect(all.items.map(({ item }) => item)).toMatchObject([
      {
        id: 'WH',
        title: 'Jacket',
        labels: { type: 'Jackets', category: 'Women', colour: 'Blue' },
        price: '51.00 EUR',
        availability: 'in stock',
        variants: [
          { id: 'WH-S', size: 'S', price: '51.00 EUR', availability: 'in stock' },
          {
            id: 'WH-M',
            size: 'M',
            price: '40.00 EUR',
            regularPrice: '51.00 EUR',
            availability: 'out of stock',
          },
        ],
      },
    ]);
    expect(await readPictures(all)).toEqual({ WH: 'picture a' });
  });

  it('Magento pictures are fetched below the address that the operator gives', async () => {
    shop.pages.set('/media/catalog/product/w/h/a.jpg', { body: 'picture a' });
    const pictureBase = `${shop.url}/media/catalog/product`;
    const all = await read('export.csv', 'sku,name,base_image\nWH,Jacket,/w/h/a.jpg\n', { pictureBase });
    expect(await readPictures(all)).toEqual({ WH: 'picture a' });
    const without = await read('export.csv', 'sku,name,base_image\nWH,Jacket,/w/h/a.jpg\n');
    expect(Object.values(without.reasons)[0]).toMatch(/no picture \/w\/h\/a\.jpg; .*pictureBase/);
  });

  it('PrestaShop separates by semicolons and hints in brackets', async () => {
    const content = [
      'Product ID;Active (0/1);Name *;Categories (x,y,z...);Price tax included;Quantity;Image URLs (x,y,z...)',
      '1;1;Robe d’été;Accueil,Femmes,Robes;19,90;5;pics/a.jpg,pics/b.jpg',
      '2;0;Ancienne;Accueil;9,90;5;pics/a.jpg',
      '',
    ].join('\n');
    const { items, rejected } = await read('products.csv', content, { currency: 'EUR' });
    expect(items.map(({ item }) => item)).toEqual([
      {
        id: '1',
        title: 'Robe d’été',
        labels: { type: 'Robes' },
        price: '19.90 EUR',
        availability: 'in stock',
      },
    ]);
    expect(rejected).toHaveLength(1);
  });

  it('BigCommerce writes variants and pictures in the rows below', async () => {
    const content = [
      'Item,ID,Name,Type,SKU,Options,Price,Sale Price,Categories,Current Stock,Image URL (Import)',
      'Product,77,Tee,physical,TEE,,20,,Shop All;Clothing/Tees,,',
      'Variant,120,,,TEE-S,Type=Rectangle|Name=Size|Value=S,20,,,3,',
      'Variant,121,,,TEE-M,Type=Rectangle|Name=Size|Value=M,22,,,0,',
      'Image,310,,,,,,,,,pics/a.jpg',
      'Product,78,Cap,physical,CAP,,9,7,Shop All,2,pics/b.jpg',
      '',
    ].join('\n');
    expect(await itemsIn('catalog.csv', content, { currency: 'USD' })).toMatchObject([
      {
        id: '77',
        title: 'Tee',
        price: '20 USD',
        availability: 'in stock',
        variants: [
          { id: 'TEE-S', size: 'S', availability: 'in stock' },
          { id: 'TEE-M', size: 'M', price: '22 USD', availability: 'out of stock' },
        ],
      },
      { id: '78', price: '7 USD', regularPrice: '9 USD' },
    ]);
  });

  it('JSON-LD products may be lines', async () => {
    const lines = [
      { '@context': 'https://schema.org', '@type': 'BreadcrumbList', itemListElement: [] },
      {
        '@context': 'https://schema.org',
        '@type': 'Product',
        sku: 'd1',
        name: 'Dress &amp; belt',
        image: ['pics/a.jpg', 'pics/b.jpg'],
        color: 'Blue',
        category: 'Clothing > Dresses',
        brand: { '@type': 'Brand', name: 'V' },
        offers: {
          '@type': 'Offer',
          price: 19.9,
          priceCurrency: 'EUR',
          availability: 'https://schema.org/InStock',
          url: 'https://shop.example/d1',
        },
      },
      {
        '@type': ['Product'],
        productID: 'd2',
        name: 'Skirt',
        image: { '@type': 'ImageObject', url: 'pics/b.jpg' },
        offers: [{ '@type': 'AggregateOffer', lowPrice: '10', priceCurrency: 'EUR' }],
      },
    ];
    expect(await itemsIn('products.jsonl', `${lines.map((it) => JSON.stringify(it)).join('\n')}\n`)).toEqual([
      {
        id: 'd1',
        title: 'Dress & belt',
        labels: { type: 'Dresses', colour: 'Blue', category: 'Clothing' },
        link: 'https://shop.example/d1',
        price: '19.9 EUR',
        availability: 'in stock',
      },
      { id: 'd2', title: 'Skirt', labels: {}, price: '10 EUR' },
    ]);
  });
});

describe('bad input', () => {
  it('of two gigabytes is refused by its size before it is read', async () => {
    const folder = folderOf({ 'feed.xml': '<rss>' });
    await truncate(join(folder, 'feed.xml'), 2_000_000_000);
    await expect(openSource(join(folder, 'feed.xml'), { web })).rejects.toThrow(
      /it has 2000\.0 MB, and at most 1000\.0 MB are read/,
    );
  });

  it('of a million attributes is refused', async () => {
    const attributes = Array.from({ length: 1_000_000 }, (_, n) => `a${n}="x"`).join(' ');
    await expect(read('feed.xml', `<rss><channel><item ${attributes}/></channel></rss>`)).rejects.toThrow(
      /more than 1000 attributes. Nothing was changed/,
    );
  });

  it('that is a spreadsheet says how to save it', async () => {
    await expect(read('items.xlsx', Buffer.from('PK\u0003\u0004\0\0'))).rejects.toThrow(
      /a \.xlsx file\. .* Save the sheet as CSV/,
    );
  });

  it('with a row that has no end is refused by its line', async () => {
    await expect(
      read('items.csv', `id,title,picture\na,A,pics/a.jpg\nb,${'x'.repeat(1_000_000)}`),
    ).rejects.toThrow(/line 3 has more than 200000 characters/);
  });
});

describe('a table of 20,000 rows', () => {
  it('is read in little memory', async () => {
    const rows = Array.from(
      { length: 20_000 },
      (_, n) => `i${n},"Shirt, no ${n}",pics/a.jpg,${'long text '.repeat(100)}`,
    );
    const folder = folderOf({
      ...PICTURES,
      'items.csv': `id,title,picture,description\n${rows.join('\n')}\n`,
    });
    rows.length = 0;
    const before = heldBytes();
    const source = await openSource(join(folder, 'items.csv'), { web });
    open.push(source);
    let most = 0;
    let count = 0;
    for await (const record of source.records()) {
      expect(record.kind).toBe('item');
      if (++count % 5_000 === 0) most = Math.max(most, heldBytes() - before);
    }
    expect(count).toBe(20_000);
    // The table has 20 MB.
    expect(most).toBeLessThan(10_000_000);
  });
});

describe('pictures on the web', () => {
  it('may leave out the scheme, and may be packed', async () => {
    shop.pages.set('/gz.jpg', { body: gzipSync('picture a') });
    shop.pages.set('/encoded.jpg', { body: gzipSync('picture b'), headers: { 'content-encoding': 'gzip' } });
    shop.pages.set('/deflated.jpg', {
      body: deflateSync('picture c'),
      headers: { 'content-encoding': 'deflate' },
    });
    shop.pages.set('/plain.jpg', { body: 'picture d' });
    const host = new URL(shop.url).host;
    const names = ['gz', 'encoded', 'deflated', 'plain'];
    const rows = names.map((name) => `${name}\t//${host}/${name}.jpg`).join('\n');
    shop.pages.set('/feed.txt', { body: `id\timage_link\n${rows}\n` });
    const source = await openSource(`${shop.url}/feed.txt`, { settings: { allowPrivate: true }, web });
    open.push(source);
    expect(await readPictures(await readAll(source))).toEqual({
      gz: 'picture a',
      encoded: 'picture b',
      deflated: 'picture c',
      plain: 'picture d',
    });
  });

  it('are refused by name when the server answers with a page, or when they expand without limit', async () => {
    shop.pages.set('/login.jpg', {
      body: '<!doctype html><html><body>Log in</body></html>',
      type: 'text/html',
    });
    shop.pages.set('/bomb.jpg', { body: gzipSync(Buffer.alloc(20_000_000)) });
    const content = `id,image_link\na,${shop.url}/login.jpg\nb,${shop.url}/bomb.jpg\n`;
    const pictures = await readPictures(await read('feed.csv', content));
    expect(pictures.a).toMatch(/web page instead of the picture; perhaps the address requires a login/);
    expect(pictures.b).toMatch(/unpacked, it has 12\.0 MB, and at most 12\.0 MB are read/);
  });
});

// --- Internal helpers ---

/** Bytes in use after a garbage collection. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
