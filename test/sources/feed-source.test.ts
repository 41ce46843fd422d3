import { mkdtemp, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OperatorError } from '../../src/util/errors.ts';
import { createFetcher } from '../../src/sources/http/fetcher.ts';
import { createHttpCache } from '../../src/sources/http/http-cache.ts';
import type { WebAccess } from '../../src/sources/feed/fetch-feed.ts';
import { openSource, displayLocation } from '../../src/sources/open-source.ts';
import type { Source } from '../../src/sources/source.ts';
import { type ShopPage, type ShopServer, startShop } from '../fakes/shop-server.ts';
import { createMemoryStore } from '../memory-store.ts';
import { folderOf, readAll, readPictures } from './fixtures.ts';

let shop: ShopServer;
let web: WebAccess;
const open: Source[] = [];
const settings = { allowPrivate: true, requestsPerSecond: 1000 };

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

async function openFeed(page: ShopPage, path = '/feed'): Promise<Source> {
  shop.pages.set(path, page);
  const source = await openSource(`${shop.url}${path}`, { name: 'shop', settings, web });
  open.push(source);
  return source;
}

/** The item that each feed below describes. */
const DRESS = {
  id: 'a1',
  title: 'Robe d’été & more',
  labels: {
    type: 'Dresses',
    colour: 'Navy',
    gender: 'Women',
    category: 'Apparel & Accessories',
    subcategory: 'Clothing',
  },
  link: 'https://shop.example/a1',
  price: '12.50 EUR',
  availability: 'in stock',
};

const RSS = `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>
<title>The shop</title><link>https://shop.example</link>
<item>
  <g:id>a1</g:id><id>not this</id><title><![CDATA[Robe d’été & more]]></title><link>https://shop.example/a1</link>
  <g:image_link>PICTURE</g:image_link><g:additional_image_link>http://10.0.0.1/x.jpg</g:additional_image_link>
  <g:price>12.50 EUR</g:price><g:shipping><g:price>3 EUR</g:price></g:shipping>
  <g:availability>in_stock</g:availability><g:color>Navy/White</g:color><g:gender>female</g:gender>
  <g:google_product_category>Apparel &amp; Accessories &gt; Clothing &gt; Skirts</g:google_product_category>
  <g:product_type>Women &gt; Dresses</g:product_type><g:product_type>Sale</g:product_type>
</item>
</channel></rss>`;
const ATOM = `<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">
<title>The shop</title><entry><id>tag:not-this</id><g:id>a1</g:id><title>Robe d’été &amp; more</title>
<link rel="self" href="https://shop.example/self"/><link href="https://shop.example/a1"/>
<g:image_link>PICTURE</g:image_link><g:price>12.50 EUR</g:price><g:availability>in stock</g:availability>
<g:color>Navy</g:color><g:gender>female</g:gender><g:age_group>adult</g:age_group>
<g:google_product_category>Apparel &amp; Accessories &gt; Clothing &gt; Dresses</g:google_product_category></entry></feed>`;
const HEADER =
  'id\ttitle\tlink\timage_link\tprice\tavailability\tcolor\tgender\tgoogle_product_category\tproduct_type';
const ROW =
  'a1\tRobe d’été & more\thttps://shop.example/a1\tPICTURE\t12.50 EUR\tin stock\tNavy\tfemale\tApparel & Accessories > Clothing > Skirts\tDresses';
const OBJECT = {
  id: 'a1',
  title: 'Robe d’été & more',
  link: 'https://shop.example/a1',
  imageLink: 'PICTURE',
  price: { value: '12.50', currency: 'EUR' },
  availability: 'https://schema.org/InStock',
  color: 'Navy',
  gender: 'female',
  googleProductCategory: 'Apparel & Accessories > Clothing > Skirts',
  labels: { type: 'Dresses' },
};

describe('a product feed', () => {
  const json = JSON.stringify(OBJECT);
  it.each<[string, string | Uint8Array, string?]>([
    ['RSS', RSS],
    ['Atom', ATOM],
    ['tab-separated text', `${HEADER}\n${ROW}\n`],
    ['text without a last line end', `${HEADER}\r\n${ROW}`],
    ['JSON, a list', `[${json}]`],
    ['JSON, a list in an object', `{"kind":"feed","items":[${json}],"next":null}`],
    ['JSON, products in an object', `{"products":[${json}]}`],
    ['JSON lines', `${json}\n${json.replace('a1', 'a2')}\n`],
    ['JSON lines of one item', `${json}\n`, 'application/x-ndjson'],
    ['XML with a byte order mark', `\ufeff${RSS}`],
    ['UTF-16', Buffer.from(`\ufeff${RSS.replace('UTF-8', 'UTF-16')}`, 'utf16le')],
    ['Windows-1252, told by the XML', latin(RSS.replace('UTF-8', 'windows-1252'))],
    ['Windows-1252, told by the server', latin(ATOM), 'text/xml; charset=windows-1252'],
    ['Windows-1252, told by nobody', latin(`${HEADER}\n${ROW}\n`)],
    ['gzip', gzipSync(RSS), 'application/gzip'],
  ])('as %s becomes an item', async (_, content, type) => {
    const picture = `${shop.url}/a.jpg?size=1`;
    shop.pages.set('/a.jpg?size=1', { body: 'the picture' });
    const body = replaced(content, picture);
    const source = await openFeed({ body, ...(type !== undefined && { type }) });
    const read = await readAll(source);
    expect(read.items.length).toBe(source.count);
    expect(read.rejected).toEqual([]);
    expect(read.items[0]?.item).toEqual(DRESS);
    expect(await readPictures(read)).toMatchObject({ a1: 'the picture' });
  });

  it('that the server compressed is decompressed', async () => {
    const source = await openFeed({
      body: gzipSync(replaced(RSS, 'http://x.example/a')),
      type: 'application/xml',
      headers: { 'content-encoding': 'gzip' },
    });
    expect(source).toMatchObject({ count: 1, description: 'feed, xml' });
  });

  it('may have pictures relative to its address, and rejects other pictures with a reason', async () => {
    shop.pages.set('/shop/pics/a.jpg', { body: 'the picture' });
    const rows = [
      'a\tpics/a.jpg',
      'b\t',
      'c\tfile:///etc/passwd',
      'd\t/none.jpg',
      'a\tpics/a.jpg',
      '\tpics/a.jpg',
    ];
    const source = await openFeed({ body: `id\timage_link\n${rows.join('\n')}\n` }, '/shop/feed.txt');
    const read = await readAll(source);
    expect(read.reasons).toEqual({
      'shop item 2': 'it names no picture',
      'shop item 3': 'its picture is not an http or https address',
      'shop item 5': 'the id "a" is already used by shop item 1; the first one is kept',
      'shop item 6': 'it has no id',
    });
    expect(await readPictures(read)).toEqual({ a: 'the picture', d: 'error: the server answered 404' });
  });

  it.each([
    ['cut off within an item', RSS.slice(0, 500), /not well-formed XML/],
    ['cut off between two items', RSS.replace('</channel></rss>', ''), /not well-formed XML/],
    ['cut off JSON', `[${json},`, /not well-formed JSON/],
    ['cut off JSON after an item', `{"items":[${json}`, /not well-formed JSON/],
    ['text cut off within a row', `${HEADER}\n${ROW}\na2\tSki`, /in the middle of its last line/],
    ['broken XML', RSS.replace('</g:id>', ''), /not well-formed XML at 11:/],
    ['an entity that nobody knows', RSS.replace('not this', '&nbsp;'), /undefined entity/],
    ['no items', '<rss><channel></channel></rss>', /it has no items/],
    ['an empty list', '[]', /it has no items/],
    ['nothing', '', /it is empty/],
    ['a web page', '<!DOCTYPE html><html><body>Log in</body></html>', /web page, not a feed/],
    ['prose', 'Not found', /neither XML, JSON nor the header/],
    ['a table without pictures', 'id,title\n1,Shirt\n', /no picture column[^]*image_link/],
    ['packed and cut off', gzipSync(RSS).subarray(0, 200), /compressed data is damaged or cut off/],
  ])('that is %s is refused whole', async (_, body, reason) => {
    const failing = openFeed({ body });
    await expect(failing).rejects.toThrow(OperatorError);
    await expect(failing).rejects.toThrow(reason);
    await expect(failing).rejects.toThrow(/\/feed cannot be [^]*Nothing was changed/);
    expect(await readdir(web.feedsFolder)).toEqual([]);
  });

  it('that ends before its announced end is refused', async () => {
    shop.pages.set('/feed', (_, response) => {
      response.writeHead(200, { 'content-length': '100000' });
      response.write(`${HEADER}\n${ROW}\n`, () => response.destroy());
    });
    const opening = openSource(`${shop.url}/feed`, { settings, web });
    await expect(opening).rejects.toThrow(/before the transfer was complete[^]*Nothing was changed/);
  });

  it('that defines entities is refused, however small they are', async () => {
    const entities = Array.from(
      { length: 9 },
      (_, level) => `<!ENTITY l${level + 1} "${`&l${level};`.repeat(10)}">`,
    );
    const bomb = `<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "lol">${entities.join('')}]><rss><channel><item><id>&l9;</id></item></channel></rss>`;
    await expect(openFeed({ body: bomb })).rejects.toThrow(/entities of its own/);
    const file = `<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel><item><id>&x;</id></item></channel></rss>`;
    await expect(openFeed({ body: file })).rejects.toThrow(/entities of its own/);
  });

  it('that is nested too deeply, or has too much text without a tag, is refused', async () => {
    await expect(openFeed({ body: '<a>'.repeat(10_000) })).rejects.toThrow(/nested deeper than 32/);
    await expect(openFeed({ body: `<a>${'x'.repeat(3_000_000)}</a>` })).rejects.toThrow(/without a tag/);
  });

  it('is not downloaded again while it is unchanged, but read from the copy', async () => {
    const body = replaced(RSS, 'http://x.example/a');
    await (await openFeed({ body, etag: '"1"' })).close();
    const sent = shop.sent;
    const again = await openFeed({ body, etag: '"1"' });
    expect((await readAll(again)).ids).toEqual(['a1']);
    expect(shop.visits.map(({ status }) => status)).toEqual([200, 304]);
    expect(shop.sent).toBe(sent);
    await again.close();
    // A copy that somebody has changed is not used.
    const [copy] = await readdir(web.feedsFolder);
    await writeFile(join(web.feedsFolder, copy!), 'tampered');
    expect((await readAll(await openFeed({ body, etag: '"1"' }))).ids).toEqual(['a1']);
    expect(shop.visits.at(-1)?.status).toBe(200);
    expect(await readFile(join(web.feedsFolder, copy!), 'utf8')).toBe(body.toString());
  });

  it('loses its copy after a month without use, when another feed is read', async () => {
    const day = 24 * 3600 * 1000;
    const aged = (days: number): Date => new Date(Date.now() - days * day);
    await (await openFeed({ body: RSS, etag: '"1"' })).close();
    const [used] = await readdir(web.feedsFolder);
    const unused = join(web.feedsFolder, 'of a source that left');
    await writeFile(unused, 'old');
    await utimes(unused, aged(31), aged(31));
    await utimes(join(web.feedsFolder, used!), aged(29), aged(29));
    await (await openFeed({ body: RSS, etag: '"1"' })).close();
    expect(shop.visits.map(({ status }) => status)).toEqual([200, 304]);
    expect(await readdir(web.feedsFolder)).toEqual([used]);
    // Each use renews the time.
    expect((await stat(join(web.feedsFolder, used!))).mtimeMs).toBeGreaterThan(aged(1).getTime());
  });

  it('that becomes malformed does not replace the copy of the complete feed', async () => {
    await (await openFeed({ body: RSS, etag: '"1"' })).close();
    await expect(openFeed({ body: RSS.slice(0, 400), etag: '"2"' })).rejects.toThrow(/well-formed/);
    expect((await readAll(await openFeed({ body: RSS, etag: '"1"' }))).ids).toEqual(['a1']);
    expect(shop.visits.map(({ status }) => status)).toEqual([200, 200, 304]);
  });

  it('on disk may have pictures beside it and on the web', async () => {
    shop.pages.set('/b.jpg', { body: 'picture b' });
    const content = `id,image_link,availability\na,pics/a.jpg,out of stock\nb,${shop.url}/b.jpg,preorder\n`;
    const folder = folderOf({ 'pics/a.jpg': 'picture a', 'shop.csv': content });
    const source = await openSource(join(folder, 'shop.csv'), { settings, web });
    open.push(source);
    const read = await readAll(source);
    expect(source.description).toBe('feed, csv');
    expect(await readPictures(read)).toEqual({ a: 'picture a', b: 'picture b' });
    expect(read.items.map(({ item }) => item.availability)).toEqual(['out of stock', 'preorder']);
  });

  it('can be limited to its first items, without those that are out of stock', async () => {
    const rows = ['a\tx\tin stock', 'b\tx\tout of stock', 'c\tx\tin stock'].join('\n');
    shop.pages.set('/feed', { body: `id\timage_link\tavailability\n${rows}\n` });
    const narrow = { ...settings, maxItems: 2, hideOutOfStock: true };
    const source = await openSource(`${shop.url}/feed`, { settings: narrow, web });
    open.push(source);
    const { items } = await readAll(source);
    expect(source.count).toBe(2);
    expect(items.map(({ item }) => [item.id, item.hidden])).toEqual([
      ['a', undefined],
      ['b', true],
    ]);
  });

  it('is streamed: a feed of 10,000 items is never held in memory', async () => {
    const filler = 'x'.repeat(5_000);
    const item = (number: number): string =>
      `<item><g:id>i${number}</g:id><g:image_link>http://x.example/${number}.jpg</g:image_link><description>${filler}</description></item>`;
    shop.pages.set('/feed', (_, response) => {
      let next = 0;
      const more = (): void => {
        if (next === 10_000) {
          response.end('</channel></rss>');
          return;
        }
        response.write(item(next++), () => {
          more();
        });
      };
      response.write('<rss><channel>', more);
    });
    const source = await openSource(`${shop.url}/feed`, { settings, web });
    open.push(source);
    expect(source.count).toBe(10_000);
    // The feed has 51 MB. The garbage collector runs while it is read, so that only memory in use is measured.
    let most = 0;
    let count = 0;
    const before = heldBytes();
    for await (const record of source.records()) {
      expect(record.kind).toBe('item');
      if (++count % 2_500 === 0) most = Math.max(most, heldBytes() - before);
    }
    expect(count).toBe(10_000);
    expect(most).toBeLessThan(20_000_000);
  });
});

describe('the location of a source', () => {
  it('is shown without parts that may be secret', () => {
    expect(displayLocation('https://jo:secret@shop.example/feed.xml?key=secret')).toBe(
      'shop.example/feed.xml',
    );
    expect(displayLocation('/srv/shop.csv')).toBe('/srv/shop.csv');
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

/** Windows-1252: its apostrophe is not in Latin-1. */
function latin(text: string): Uint8Array {
  return Buffer.from(text.replaceAll('’', '\u0092'), 'latin1');
}

function replaced(content: string | Uint8Array, picture: string): Buffer {
  if (typeof content === 'string') return Buffer.from(content.replaceAll('PICTURE', picture));
  const bytes = Buffer.from(content);
  if (bytes[0] === 0x1f) return gzipSync(RSS.replaceAll('PICTURE', picture));
  const encoding = bytes[0] === 0xff ? 'utf16le' : 'latin1';
  return Buffer.from(bytes.toString(encoding).replaceAll('PICTURE', picture), encoding);
}
