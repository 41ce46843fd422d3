import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import sharp from 'sharp';
import { createDoor, type Door, form, type Part } from './open-door.ts';
import { drawGarment } from './drawn-wares.ts';

interface GalleryBody {
  id: string;
  items: {
    rank: number;
    id: string;
    title: string;
    picture: string;
    availability: string | null;
    labels: Record<string, string>;
  }[];
  weak: boolean;
  more: boolean;
  filter: Record<string, string[]>;
  problem?: { type: string; status: number; detail: string };
}

let door: Door;
let shirt: Uint8Array;
let bag: Uint8Array;

beforeAll(async () => {
  door = await createDoor();
  shirt = await drawGarment('Tshirts', '#1f2c56');
  bag = await drawGarment('Handbags', '#b3262e');
});
afterAll(async () => {
  await door.web.stop();
});

function photos(count: number): Part[] {
  return Array.from({ length: count }, () => ['photo', shirt]);
}

async function truncatedPng(): Promise<Uint8Array> {
  return (await sharp(shirt).png().toBuffer()).subarray(0, 900);
}

async function get(url: string, headers: Record<string, string> = {}) {
  return door.web.app.inject({ method: 'GET', url, headers });
}

async function search(...parts: Part[]) {
  return door.web.app.inject({ method: 'POST', url: '/api/recommendations', ...(await form(...parts)) });
}

async function galleryOf(...parts: Part[]): Promise<GalleryBody> {
  const [gallery] = (await search(...parts)).json<{ galleries: GalleryBody[] }>().galleries;
  if (!gallery) throw new Error('the answer has no gallery');
  return gallery;
}

describe('POST /api/recommendations', () => {
  it('answers one photo with one gallery of five items, closest first', async () => {
    const response = await search(['photo', shirt]);
    expect(response.statusCode).toBe(200);
    const { galleries } = response.json<{ galleries: GalleryBody[] }>();
    expect(galleries).toHaveLength(1);
    expect(galleries[0]?.items.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5]);
    expect(galleries[0]).toMatchObject({ weak: false, more: true, filter: {} });
    expect(galleries[0]?.items[0]).toEqual({
      rank: 1,
      id: 'shirts/navy blue',
      title: 'Navy Blue Tshirts No. 1',
      similarity: expect.closeTo(1, 2) as number,
      likeness: 'very similar',
      labels: { type: 'Tshirts', colour: 'Navy Blue', gender: 'Women' },
      predicted: {},
      picture: '/api/items/shirts%2Fnavy%20blue/picture',
      link: 'https://shop.example/items/1',
      price: '199 INR',
      availability: 'in stock',
      alike: 2,
      garment: null,
    });
  });

  it('writes null where an item has no link and no price, and where the shop does not say whether it can be had', async () => {
    const gallery = await galleryOf(['photo', bag], ['count', '20']);
    const plain = gallery.items.find(({ id }) => id === 'item-6');
    expect(plain).toMatchObject({ link: null, price: null, availability: null });
  });

  it('answers four photos with four galleries in the order sent', async () => {
    const response = await search(['photo', bag], ['photo', shirt], ['photo', bag], ['photo', shirt]);
    const { galleries } = response.json<{ galleries: GalleryBody[] }>();
    expect(galleries.map(({ items }) => items[0]?.labels.type)).toEqual([
      'Handbags',
      'Tshirts',
      'Handbags',
      'Tshirts',
    ]);
  });

  it('takes count and filter, also after the photo', async () => {
    const gallery = await galleryOf(
      ['count', '3'],
      ['photo', shirt],
      ['filter', '{"colour":["Red","Pink"]}'],
    );
    expect(gallery.items).toHaveLength(3);
    expect(gallery.items.every(({ labels }) => ['Red', 'Pink'].includes(labels.colour ?? ''))).toBe(true);
    expect(gallery.filter).toEqual({ colour: ['Red', 'Pink'] });
  });

  it('answers the good photos of a form and says what is wrong with the others', async () => {
    const response = await search(['photo', shirt], ['photo', new Uint8Array()], ['photo', bag]);
    expect(response.statusCode).toBe(200);
    const { galleries } = response.json<{ galleries: GalleryBody[] }>();
    expect(galleries.map(({ items }) => items.length)).toEqual([5, 0, 5]);
    expect(galleries[1]).toMatchObject({
      items: [],
      weak: false,
      problem: {
        type: '/problems/photo-empty',
        status: 400,
        detail: expect.stringContaining('0 bytes') as string,
      },
    });
  });

  it('answers with the problem of the first photo when none is good', async () => {
    const response = await search(['photo', Buffer.from('text')], ['photo', new Uint8Array()]);
    expect(response.statusCode).toBe(415);
    expect(response.json()).toMatchObject({ type: '/problems/photo-not-an-image' });
  });

  it('says how long to wait when too many photos are there', async () => {
    door.shop.refuseNext(1);
    const response = await search(['photo', shirt]);
    expect(response.statusCode).toBe(503);
    expect(response.headers['retry-after']).toBe('1');
    expect(response.json()).toMatchObject({ type: '/problems/busy', retryAfter: 1 });
  });

  it.each<[string, number, string, () => Part[] | Promise<Part[]>]>([
    ['no photo', 400, 'no-photo', () => [['count', '5']]],
    ['text in the field photo', 400, 'no-photo', () => [['photo', 'outfit.jpg']]],
    ['a wrong field name', 400, 'unexpected-field', () => [['image', shirt]]],
    ['an empty photo', 400, 'photo-empty', () => [['photo', new Uint8Array()]]],
    ['a text file named .jpg', 415, 'photo-not-an-image', () => [['photo', Buffer.from('hello')]]],
    [
      'a HEIC photo',
      415,
      'photo-unsupported-format',
      () => [['photo', Buffer.from('\0\0\0\x18ftypheic\0\0')]],
    ],
    ['a truncated photo', 422, 'photo-damaged', async () => [['photo', await truncatedPng()]]],
    ['a photo over the limit', 413, 'photo-too-large', () => [['photo', new Uint8Array(200_001)]]],
    ['a form over every limit', 413, 'body-too-large', () => [['photo', new Uint8Array(2_000_000)]]],
    ['five photos', 400, 'too-many-photos', () => photos(5)],
    ['ten photos', 400, 'too-many-photos', () => photos(10)],
    ['an unknown text field', 400, 'unexpected-field', () => [...photos(1), ['limit', '5']]],
    ['a filter that is not JSON', 400, 'bad-filter', () => [...photos(1), ['filter', 'blue']]],
    ['a box that is not JSON', 400, 'bad-box', () => [...photos(1), ['box', 'left']]],
    ['a reversed box', 400, 'bad-box', () => [...photos(1), ['box', '[0.5,0,0.1,1]']]],
    ['a box outside of the photo', 400, 'bad-box', () => [...photos(1), ['box', '[2,2,3,3]']]],
    ['a box of no area', 400, 'bad-box', () => [...photos(1), ['box', '[0.5,0.5,0.5,0.5]']]],
    [
      'ten boxes',
      400,
      'bad-box',
      () => [...photos(1), ['box', JSON.stringify(Array(10).fill([0, 0, 1, 1]))]],
    ],
    [
      'a box sent twice',
      400,
      'bad-request',
      () => [...photos(1), ['box', '[0,0,1,1]'], ['box', '[0,0,1,1]']],
    ],
    ['a box for two photos', 400, 'bad-box', () => [...photos(2), ['box', '[0,0,1,1]']]],
    ['a filter of unknown labels', 400, 'bad-filter', () => [...photos(1), ['filter', '{"size":["M"]}']]],
    ['a count of 0', 400, 'bad-request', () => [...photos(1), ['count', '0']]],
    ['a count of 21', 400, 'bad-request', () => [...photos(1), ['count', '21']]],
    ['a count in words', 400, 'bad-request', () => [...photos(1), ['count', 'five']]],
    ['two counts', 400, 'bad-request', () => [...photos(1), ['count', '2'], ['count', '3']]],
  ])('refuses %s with %i %s', async (_what, status, slug, parts) => {
    const response = await search(...(await parts()));
    expect(response.statusCode).toBe(status);
    expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    const body = response.json<{ type: string; title: string; status: number; detail: string }>();
    expect(body).toMatchObject({ type: `/problems/${slug}`, status });
    expect(body.title).not.toBe('');
    expect(body.detail.length).toBeGreaterThan(20);
  });

  it('names the field that it wants and the one it got', async () => {
    const { detail } = (await search(['image', shirt])).json<{ detail: string }>();
    expect(detail).toContain('photo');
    expect(detail).toContain('"image"');
    expect(detail).toContain('curl -F photo=@');
  });

  it.each([
    ['JSON', 'application/json', '{"photo":"..."}', 415, 'not-multipart'],
    ['a plain image', 'image/jpeg', 'JFIF', 415, 'unsupported-media-type'],
    ['a form without boundary', 'multipart/form-data', 'x', 400, 'bad-request'],
    ['an urlencoded form', 'application/x-www-form-urlencoded', 'photo=x', 415, 'unsupported-media-type'],
  ])('refuses %s', async (_what, type, payload, status, slug) => {
    const response = await door.web.app.inject({
      method: 'POST',
      url: '/api/recommendations',
      headers: { 'content-type': type },
      payload,
    });
    expect(response.statusCode).toBe(status);
    expect(response.json()).toMatchObject({ type: `/problems/${slug}` });
  });

  it('refuses a form that ends in the middle of a photo', async () => {
    const { headers, payload } = await form(['photo', shirt]);
    const response = await door.web.app.inject({
      method: 'POST',
      url: '/api/recommendations',
      headers,
      payload: payload.subarray(0, payload.length / 2),
    });
    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ type: '/problems/bad-request' });
  });

  it('refuses an empty form as one without a photo', async () => {
    const { headers } = await form(['photo', shirt]);
    const response = await door.web.app.inject({
      method: 'POST',
      url: '/api/recommendations',
      headers,
      payload: '',
    });
    expect(response.json()).toMatchObject({ type: '/problems/no-photo', status: 400 });
  });
});

describe('GET /api/galleries/{id}', () => {
  it('gives the next page and goes on counting', async () => {
    const { id } = await galleryOf(['photo', shirt]);
    const page = (await get(`/api/galleries/${id}?offset=5&count=2`)).json<GalleryBody>();
    expect(page.items.map(({ rank }) => rank)).toEqual([6, 7]);
  });

  it('searches again under another filter without the photo', async () => {
    const { id } = await galleryOf(['photo', shirt]);
    const filter = encodeURIComponent('{"type":["Handbags"]}');
    const page = (await get(`/api/galleries/${id}?filter=${filter}`)).json<GalleryBody>();
    expect(page.items).toHaveLength(5);
    expect(page.items.every(({ labels }) => labels.type === 'Handbags')).toBe(true);
    expect(page.more).toBe(false);
  });

  it('says that an expired gallery is gone', async () => {
    const { id } = await galleryOf(['photo', shirt]);
    door.shop.expire();
    const response = await get(`/api/galleries/${id}`);
    expect(response.statusCode).toBe(410);
    expect(response.json()).toMatchObject({ type: '/problems/unknown-gallery' });
  });

  it.each(['offset=-1', 'offset=201', 'offset=1.5', 'count=0', 'count=99', 'filter=%7B', 'count=1&count=2'])(
    'refuses ?%s',
    async (query) => {
      const { id } = await galleryOf(['photo', shirt]);
      const response = await get(`/api/galleries/${id}?${query}`);
      expect(response.statusCode).toBe(400);
      expect(response.headers['content-type']).toContain('application/problem+json');
    },
  );
});

describe('GET /api/items', () => {
  it('finds every item under the encoded form of its id, slashes and other scripts included', async () => {
    const { items } = await galleryOf(['photo', shirt], ['count', '20']);
    const ids = items.map(({ id }) => id);
    expect(ids).toEqual(
      expect.arrayContaining(['shirts/navy blue', '裙子 №1', 'a?b#c%2Fd&e=f', '..a..', '👗/ü']),
    );
    for (const { id, title, picture, availability } of items) {
      const item = (await get(`/api/items/${encodeURIComponent(id)}`)).json<{
        id: string;
        similar: string;
      }>();
      expect(item).toMatchObject({ id, title, picture, availability });
      expect((await get(picture)).headers['content-type']).toBe('image/jpeg');
      const similar = (await get(`${item.similar}?count=20`)).json<GalleryBody>();
      expect(similar.items.map((other) => other.id)).not.toContain(id);
    }
  });

  it('finds an id of 200 characters that each take nine in an address', async () => {
    const response = await get(`/api/items/${encodeURIComponent('裙'.repeat(200))}`);
    expect(response.json()).toMatchObject({ type: '/problems/unknown-item', status: 404 });
  });

  it('refuses a longer id and a broken escape without an answer of its own kind', async () => {
    const long = await get(`/api/items/${'x'.repeat(5_000)}`);
    expect([long.statusCode, long.headers['content-type']]).toEqual([
      414,
      'application/problem+json; charset=utf-8',
    ]);
    const broken = await get('/api/items/%E0%A4%A');
    expect([broken.statusCode, broken.headers['content-type']]).toEqual([
      400,
      'application/problem+json; charset=utf-8',
    ]);
  });

  it.each(['/api/items/nothing', '/api/items/nothing/picture', '/api/items/nothing/similar'])(
    'answers %s with 404',
    async (url) => {
      const response = await get(url);
      expect(response.statusCode).toBe(404);
      expect(response.json()).toMatchObject({ type: '/problems/unknown-item' });
    },
  );

  it('names a picture by its digest and answers 304 when the reader has it', async () => {
    const url = '/api/items/item-6/picture';
    const first = await get(url);
    const { picture } = (await door.shop.catalogue.get('item-6')) ?? {};
    expect(first.headers.etag).toBe(`"${picture ?? ''}"`);
    expect(first.headers['cache-control']).toContain('must-revalidate');
    expect((await sharp(first.rawPayload).metadata()).format).toBe('jpeg');
    const again = await get(url, { 'if-none-match': `"other", W/${String(first.headers.etag)}` });
    expect([again.statusCode, again.body]).toEqual([304, '']);
    expect((await get(url, { 'if-none-match': '"other"' })).statusCode).toBe(200);
  });
});

describe('the rest of the API', () => {
  it('lists labels with their counts, most frequent first', async () => {
    const { labels } = (await get('/api/labels')).json<{
      labels: Record<string, { value: string; count: number }[]>;
    }>();
    expect(labels.type?.[0]).toEqual({ value: 'Tshirts', count: 7 });
  });

  it('passes a message to the chat and its blocks back, galleries as everywhere', async () => {
    const response = await door.web.app.inject({
      method: 'POST',
      url: '/api/messages',
      payload: { text: '/help' },
    });
    const { blocks } = response.json<{ blocks: { kind: string; gallery?: GalleryBody }[] }>();
    expect(blocks.map(({ kind }) => kind)).toEqual(['text', 'list', 'facts', 'gallery']);
    expect(blocks[3]?.gallery?.items[0]?.picture).toMatch(/^\/api\/items\/.+\/picture$/);
  });

  it.each<[string, string | Record<string, unknown>, string, number]>([
    ['no text', {}, 'application/json', 400],
    ['a number as text', { text: 5 }, 'application/json', 400],
    ['an empty text', { text: ' ' }, 'application/json', 400],
    ['broken JSON', '{"text":', 'application/json', 400],
    ['an empty body', '', 'application/json', 400],
    ['plain text', 'hello', 'text/plain', 415],
    ['a huge text', { text: 'x'.repeat(20_000) }, 'application/json', 413],
  ])('refuses a message with %s', async (_what, payload, type, status) => {
    const headers = { 'content-type': type };
    const response = await door.web.app.inject({ method: 'POST', url: '/api/messages', payload, headers });
    expect(response.statusCode).toBe(status);
    expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  });

  it('is healthy, ready and measured', async () => {
    expect((await get('/healthz')).json()).toEqual({ status: 'ok' });
    expect((await get('/readyz')).statusCode).toBe(200);
    const metrics = await get('/metrics');
    expect(metrics.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(metrics.body).toContain('fashion_photos_total 3');
  });

  it('says why it is not ready', async () => {
    const waiting = await createDoor({ ready: () => ({ ready: false, reason: 'The index is being read.' }) });
    const response = await waiting.web.app.inject('/readyz');
    expect(response.statusCode).toBe(503);
    expect(response.json()).toMatchObject({ detail: 'The index is being read.' });
  });

  it('answers unknown addresses with a problem document', async () => {
    for (const url of [
      '/api',
      '/api/nothing',
      '/api/items',
      '/nothing.html',
      '/../package.json',
      '/jsconfig.json',
    ]) {
      const response = await get(url);
      expect([url, response.statusCode, response.headers['content-type']]).toEqual([
        url,
        404,
        'application/problem+json; charset=utf-8',
      ]);
    }
  });

  it.each([
    ['PUT', '/api/labels', 'GET, HEAD'],
    ['GET', '/api/recommendations', 'POST'],
    ['DELETE', '/api/items/item-6', 'GET, HEAD'],
    ['POST', '/', 'GET, HEAD'],
    ['OPTIONS', '/api/messages', 'POST'],
  ] as const)('answers %s %s with 405 and the right methods', async (method, url, allow) => {
    const response = await door.web.app.inject({ method, url });
    expect(response.statusCode).toBe(405);
    expect(response.headers.allow?.split(', ').sort()).toEqual(allow.split(', '));
  });

  it('explains every problem type under its own address', async () => {
    const { type } = (await get('/api/items/nothing')).json<{ type: string }>();
    expect((await get(type)).json()).toMatchObject({ type, status: 404 });
    expect((await get('/problems/constructor')).statusCode).toBe(404);
  });

  it('hides what it did not foresee and logs it with a stack', async () => {
    const broken = await createDoor({
      catalogue: { get: async () => Promise.reject(new Error('disk sector 7 is gone')) },
    });
    const response = await broken.web.app.inject('/api/items/any');
    expect(response.statusCode).toBe(500);
    expect(response.body).not.toContain('sector');
    const logged = broken.lines.find(({ err }) => err !== undefined) as
      { err: { stack: string } } | undefined;
    expect(logged?.err.stack).toContain('disk sector 7 is gone');
  });
});
