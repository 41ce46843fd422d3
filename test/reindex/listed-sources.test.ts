import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OperatorError } from '../../src/util/errors.ts';
import { createPhotoDecoder } from '../../src/photo/decode-photo.ts';
import { type ShopServer, startShop } from '../fakes/shop-server.ts';
import { folderOf } from '../sources/fixtures.ts';
import { closeFixtures, picture, openFixture } from './reindex-fixture.ts';

let shop: ShopServer;
let file: string;

beforeEach(async () => {
  shop = await startShop();
  file = join(await mkdtemp(join(tmpdir(), 'listed-')), 'inventory.json');
});
afterEach(async () => {
  await closeFixtures();
  await shop.close();
});

const COLOURS: Readonly<Record<string, string>> = { r: '#e01010', g: '#10e010', b: '#1010e0', y: '#e0e010' };

function list(sources: readonly object[]): Promise<void> {
  return writeFile(file, JSON.stringify({ sources }));
}

const FEED = () => ({ name: 'shop', url: `${shop.url}/feed`, allowPrivate: true, requestsPerSecond: 1000 });

/** Serves a feed of these items, each with a picture of its colour. */
async function stock(items: Readonly<Record<string, string>>, out: readonly string[] = []): Promise<void> {
  const rows = Object.keys(items).map(
    (id) => `${id}\t/${id}.jpg?key=secret\t${out.includes(id) ? 'out of stock' : 'in stock'}`,
  );
  shop.pages.set('/feed', { body: `id\timage_link\tavailability\n${rows.join('\n')}\n` });
  for (const [id, colour] of Object.entries(items))
    shop.pages.set(`/${id}.jpg?key=secret`, { body: await picture(colour), etag: `"${colour}"` });
}

function open() {
  return openFixture({
    sourceFile: { path: file, isRequired: false, variable: () => undefined },
    fetching: { sleep: () => Promise.resolve() },
  });
}

describe('a feed of the source file', () => {
  it('is read by a reindex, and pictures that are the same are not downloaded again', async () => {
    await stock(COLOURS);
    await list([FEED()]);
    const { inventory, nearest } = await open();
    expect(await inventory.reindex()).toMatchObject({ added: 4, embedded: 4, total: 4 });
    expect(await nearest('#f02020')).toBe('r');
    const [sent, visits] = [shop.sent, shop.visits.length];
    shop.pages.set('/r.jpg?key=secret', { body: await picture('#e010e0'), etag: '"new"' });
    expect(await inventory.reindex()).toMatchObject({ changed: 1, unchanged: 3, embedded: 1, total: 4 });
    const statuses = shop.visits.slice(visits).map(({ path, status }) => `${path} ${status}`);
    expect(statuses.filter((it) => it.endsWith('304'))).toHaveLength(3);
    const feedBytes = Buffer.byteLength((shop.pages.get('/feed') as { body: string }).body);
    expect(shop.sent - sent).toBe(feedBytes + (await picture('#e010e0')).length);
    expect(await nearest('#e010e0')).toBe('r');
    // In full, nothing that is known counts.
    expect(await inventory.reindex({ full: true })).toMatchObject({ unchanged: 4, embedded: 4 });
  });

  it('hides what is out of stock and shows it again without embedding or downloading', async () => {
    await stock(COLOURS);
    await list([{ ...FEED(), hideOutOfStock: true }]);
    const { inventory, nearest } = await open();
    await inventory.reindex();
    await stock(COLOURS, ['r', 'g']);
    expect(await inventory.reindex()).toMatchObject({
      changed: 2,
      removed: 0,
      embedded: 0,
      total: 2,
      hidden: 2,
    });
    expect((await inventory.sources()).get('shop')?.hidden).toBe(2);
    expect(await nearest(COLOURS.r!)).not.toBe('r');
    await stock(COLOURS);
    expect(await inventory.reindex()).toMatchObject({ changed: 2, embedded: 0, total: 4, hidden: 0 });
    expect((await inventory.sources()).get('shop')).not.toHaveProperty('hidden');
    expect(await nearest(COLOURS.r!)).toBe('r');
  });

  it('whose pictures change under a reindex gives each item the embedding of the picture that was read', async () => {
    // Every answer brings another colour, each with its own ETag: no two readers see the same.
    const items = Object.fromEntries(Array.from({ length: 24 }, (_, n) => [`n${n}`, '#000000']));
    await stock(items);
    const pictures = await Promise.all(
      Array.from({ length: 48 }, (_, n) => picture(`rgb(${n * 5}, ${240 - n * 5}, ${(n * 37) % 256})`)),
    );
    let answers = 0;
    for (const id of Object.keys(items)) {
      shop.pages.set(`/${id}.jpg?key=secret`, (_, response) => {
        const body = pictures[answers++ % pictures.length]!;
        response.writeHead(200, { etag: `"${answers}"` }).end(body);
      });
    }
    await list([FEED()]);
    const { inventory, catalogue, serving, embedder } = await open();
    const decoder = createPhotoDecoder();
    const look = async () => {
      for (const { id, picture: digest } of serving.current()!.entries()) {
        expect((await catalogue.get(id))?.picture).toBe(digest);
        const bytes = pictures.find((it) => sha256(it) === digest)!;
        const right = await embedder.embed(await decoder.decode(bytes, embedder.input), {
          priority: 'interactive',
        });
        const stored = (await serving.current()!.vector(id))!;
        expect(stored.reduce((sum, value, n) => sum + value * right[n]!, 0)).toBeGreaterThan(0.99999);
      }
    };
    expect(await inventory.reindex()).toMatchObject({ added: 24, total: 24 });
    await look();
    expect(await inventory.reindex()).toMatchObject({ total: 24 });
    await look();
  });

  it('that is cut off, empty or gone changes nothing', async () => {
    await stock(COLOURS);
    await list([FEED()]);
    const { inventory, nearest } = await open();
    await inventory.reindex();
    for (const page of [{ body: 'id\timage_link\tavailability\nr\t' }, { body: '' }, { status: 404 }]) {
      shop.pages.set('/feed', page);
      await expect(inventory.reindex()).rejects.toThrow(/Source "shop": The feed 127/);
    }
    expect(await nearest(COLOURS.g!)).toBe('g');
  });

  it('whose server is down for pictures ends the run and leaves the index', async () => {
    await stock(COLOURS);
    await list([FEED()]);
    const { inventory, nearest } = await open();
    await inventory.reindex();
    const more = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`n${n}`, COLOURS.r!]));
    await stock({ ...more });
    for (const id of Object.keys(more)) shop.pages.set(`/${id}.jpg?key=secret`, { status: 503 });
    const failing = inventory.reindex();
    await expect(failing).rejects.toThrow(OperatorError);
    await expect(failing).rejects.toThrow(/failed 12 times in a row[^]*left as it was/);
    await expect(failing).rejects.not.toThrow(/secret/);
    expect(await nearest(COLOURS.g!)).toBe('g');
  });
});

describe('sources of the file and imported ones', () => {
  it('live side by side, and a source that left the file leaves with the next reindex', async () => {
    await stock({ r: COLOURS.r!, g: COLOURS.g! });
    const wares = folderOf({ 'b.jpg': await picture(COLOURS.b!) }, 'wares');
    await list([FEED(), { name: 'wares', path: wares }]);
    const { inventory, nearest } = await open();
    const imported = folderOf({ 'y.jpg': await picture(COLOURS.y!) }, 'imported');
    await inventory.import(imported);
    expect(await inventory.reindex()).toMatchObject({ added: 3, unchanged: 1, total: 4 });
    expect([...(await inventory.sources()).keys()]).toEqual(['imported', 'shop', 'wares']);
    expect((await inventory.sources()).get('shop')?.path).toBe(`127.0.0.1:${shop.port}/feed`);

    await expect(inventory.remove('wares')).rejects.toThrow(/source of the source file/);
    await expect(inventory.import(imported, { name: 'shop' })).rejects.toThrow(/source of the source file/);

    await list([FEED()]);
    expect(await inventory.plan()).toMatchObject({
      removed: 1,
      total: 3,
      losses: [],
      sources: [
        { name: 'imported', before: 1, removed: 0 },
        { name: 'shop', before: 2, removed: 0 },
        { name: 'wares', before: 1, added: 0, changed: 0, removed: 1, unchanged: 0 },
      ],
    });
    expect(await inventory.reindex()).toMatchObject({ removed: 1, unchanged: 3, total: 3 });
    expect(await nearest(COLOURS.b!)).not.toBe('b');
    expect([...(await inventory.sources()).keys()]).toEqual(['imported', 'shop']);
  });

  it('are none while nothing of them could be used: such an import is refused and changes nothing', async () => {
    const { inventory, nearest } = await open();
    const good = folderOf({ 'g.jpg': await picture(COLOURS.g!) }, 'good');
    await inventory.import(good);
    const importing = inventory.import(folderOf({ 'broken.jpg': 'no picture' }, 'broken'));
    await expect(importing).rejects.toThrow(OperatorError);
    await expect(importing).rejects.toThrow(/No usable item in 1 record\b[^]*broken\.jpg/);
    await expect(inventory.import(good, { name: 'again' })).rejects.toThrow(/No usable item in 1 record\b/);
    expect([...(await inventory.sources()).keys()]).toEqual(['good']);
    expect(await nearest(COLOURS.g!)).toBe('g');

    // One that had items may lose them all, once that is confirmed.
    await inventory.import(folderOf({ 'y.jpg': await picture(COLOURS.y!) }, 'other'));
    await writeFile(join(good, 'g.jpg'), 'no picture any more');
    const confirmed = [{ source: 'good', before: 1, removed: 1 }];
    expect(await inventory.import(good, { confirmed })).toMatchObject({ removed: 1, total: 1 });
  });

  it('stay when the whole file is gone, and a bad entry is named before anything is touched', async () => {
    await stock(COLOURS);
    await list([FEED()]);
    const { inventory, nearest } = await open();
    await inventory.reindex();
    await list([FEED(), { name: 'wares', path: '/no/such/folder' }]);
    await expect(inventory.reindex()).rejects.toThrow(/Source "wares": [^]*there is nothing there/);
    await writeFile(file, '{"sources": [{"name": "shop"}]}');
    await expect(inventory.reindex()).rejects.toThrow(/sources\[0\]: expected either "path" or "url"/);
    await rm(file);
    await expect(inventory.reindex()).rejects.toThrow(/source file that lists shop is missing/);
    expect(await nearest(COLOURS.g!)).toBe('g');
    expect((await inventory.runs()).map(({ outcome }) => outcome)).toEqual([
      'failed',
      'failed',
      'failed',
      'finished',
    ]);
  });
});

// --- Internal helpers ---

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
