import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, describe, expect, it } from 'vitest';
import { OperatorError } from '../../src/errors.ts';
import type { Source, SourceRecord } from '../../src/inventory/sources/source.ts';
import { createLogger } from '../../src/logger.ts';
import { createPhotoDecoder } from '../../src/photo/decode-photo.ts';
import { openHnswIndex } from '../../src/search/hnsw-index.ts';
import { createServingIndex } from '../../src/search/serving-index.ts';
import { type DataFolder, openDataFolder } from '../../src/store/data-folder.ts';
import { COLOUR_PASSPORT, createColourEmbedder } from '../fakes/colour-embedder.ts';
import { openInventory } from '../../src/inventory/open-inventory.ts';

const logger = createLogger('silent');
const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** Everything a reindex works on, over the data folder of an earlier one if given. */
async function workshop(path?: string) {
  const folder: DataFolder = await openDataFolder(
    path ?? (await mkdtemp(join(tmpdir(), 'reindexer-'))),
    'a test',
  );
  open.push(() => folder.close());
  const embedder = createColourEmbedder();
  const openIndex = () => openHnswIndex({ folder: folder.indexFolder, passport: COLOUR_PASSPORT, logger });
  const serving = createServingIndex(await openIndex());
  open.push(() => serving.close());
  const { reindexer, catalogue, pictures } = await openInventory({
    folder,
    embedder,
    decoder: createPhotoDecoder(),
    serving,
    open: openIndex,
    logger,
  });
  const nearest = async (colour: string) => {
    const pixels = await createPhotoDecoder().decode(await picture(colour), embedder.input);
    return (await serving.current()!.nearest(await embedder.embed(pixels, { priority: 'interactive' }), 1))[0]
      ?.id;
  };
  return { folder, embedder, catalogue, pictures, serving, reindexer, nearest };
}

const known = new Map<string, Promise<Uint8Array>>();

function picture(colour: string): Promise<Uint8Array> {
  const made =
    known.get(colour) ??
    sharp({ create: { width: 60, height: 80, channels: 3, background: colour } })
      .jpeg()
      .toBuffer();
  known.set(colour, made);
  return made;
}

/** A source of plain pictures: id to colour; an array of bytes stands for a file that is not a picture. */
function source(
  name: string,
  items: Readonly<Record<string, string | Uint8Array>>,
  rejected: SourceRecord[] = [],
): Source {
  const records = Object.entries(items).map(([id, content]): SourceRecord => ({
    kind: 'item',
    item: { id, title: `Item ${id}`, labels: {} },
    where: `${name} ${id}`,
    read: () => (typeof content === 'string' ? picture(content) : Promise.resolve(content)),
  }));
  return {
    name,
    description: 'a test',
    count: records.length + rejected.length,
    records: async function* () {
      await Promise.resolve();
      yield* [...records, ...rejected];
    },
    close: () => Promise.resolve(),
  };
}

/** Tests take out more than a fifth of four items. */
const CONFIRMED = { confirmed: true };
const COLOURS = { r: '#e01010', g: '#10e010', b: '#1010e0', y: '#e0e010' };

describe('a reindex', () => {
  it('makes every usable item findable and lists the rest with reasons', async () => {
    const { reindexer, nearest, pictures, catalogue } = await workshop();
    const broken = Buffer.from('not a picture at all');
    const rejected: SourceRecord[] = [{ kind: 'rejected', where: 'row 7', reason: 'no picture column' }];
    const summary = await reindexer.run([source('shop', { ...COLOURS, broken }, rejected)]);
    expect(summary).toMatchObject({ added: 4, changed: 0, removed: 0, unchanged: 0, embedded: 4, total: 4 });
    expect(summary.rejected.map(({ where }) => where).sort()).toEqual(['row 7', 'shop broken']);
    expect(summary.rejected.every(({ reason }) => reason.length > 10)).toBe(true);
    expect(await nearest('#f02020')).toBe('r');
    expect(await nearest('#2020f0')).toBe('b');
    const item = await catalogue.get('r');
    expect(item).toMatchObject({ title: 'Item r', source: 'shop' });
    expect(await pictures.has(item!.picture)).toBe(true);
  });

  it('does nothing the second time', async () => {
    const { reindexer, embedder, folder } = await workshop();
    await reindexer.run([source('shop', COLOURS)]);
    const before = await readFile(join(folder.indexFolder, 'current'), 'utf8');
    const summary = await reindexer.run([source('shop', COLOURS)]);
    expect(summary).toMatchObject({ added: 0, changed: 0, removed: 0, unchanged: 4, embedded: 0, total: 4 });
    expect(embedder.embedded).toBe(4);
    expect(await readFile(join(folder.indexFolder, 'current'), 'utf8')).toBe(before);
  });

  it('embeds only what changed, and forgets what is gone with its picture', async () => {
    const { reindexer, nearest, catalogue, pictures } = await workshop();
    await reindexer.run([source('shop', COLOURS)]);
    const [gone, before] = [(await catalogue.get('g'))!, (await catalogue.get('b'))!];
    const summary = await reindexer.run(
      [source('shop', { r: COLOURS.r, b: '#10e0e0', y: COLOURS.y, w: '#ffffff' })],
      CONFIRMED,
    );
    expect(summary).toMatchObject({ added: 1, changed: 1, removed: 1, unchanged: 2, embedded: 2, total: 4 });
    expect(await catalogue.get('g')).toBeUndefined();
    expect(await pictures.has(gone.picture)).toBe(false);
    expect(await pictures.has(before.picture)).toBe(false);
    expect(await nearest('#10e0e0')).toBe('b');
    expect(await nearest('#ffffff')).toBe('w');
    expect(await nearest(COLOURS.g)).not.toBe('g');
  });

  it('keeps the items of other sources, and an id stays with who had it first', async () => {
    const { reindexer, nearest } = await workshop();
    await reindexer.run([source('shop', { r: COLOURS.r, g: COLOURS.g })]);
    const summary = await reindexer.run([source('annex', { r: COLOURS.y, b: COLOURS.b })], {
      keep: ['shop'],
    });
    expect(summary).toMatchObject({ added: 1, embedded: 1, total: 3 });
    expect(summary.rejected).toEqual([
      { where: 'annex r', reason: 'id "r" is already taken by source "shop"' },
    ]);
    expect(await nearest(COLOURS.g)).toBe('g');
    const dropped = await reindexer.run([], { keep: ['annex'] });
    expect(dropped).toMatchObject({ removed: 2, total: 1 });
    expect(await nearest(COLOURS.g)).toBe('b');
  });

  it('stopped on the way leaves the old index serving, and goes on where it was', async () => {
    const { reindexer, embedder, nearest, serving } = await workshop();
    await reindexer.run([source('shop', { r: COLOURS.r })]);
    const old = serving.current();
    const many = Object.fromEntries(
      Array.from({ length: 60 }, (_, n) => [`n${n}`, `rgb(${n}, ${200 - n}, 77)`]),
    );
    const stopping = new AbortController();
    const run = reindexer.run([source('shop', many)], {
      ...CONFIRMED,
      signal: stopping.signal,
      onProgress: ({ done }) => {
        if (done === 20) stopping.abort(new Error('stopped by a test'));
      },
    });
    await expect(run).rejects.toThrow('stopped by a test');
    expect(serving.current()).toBe(old);
    expect(await nearest(COLOURS.r)).toBe('r');
    const before = embedder.embedded;
    const summary = await reindexer.run([source('shop', many)], CONFIRMED);
    expect(summary).toMatchObject({ added: 60, removed: 1, total: 60 });
    // 1 of the first run, 1 of the query; what was embedded before the stop is not embedded again.
    expect(summary.embedded).toBeLessThanOrEqual(42);
    expect(embedder.embedded - before).toBe(summary.embedded);
  });

  it('answers from the old index until the new one is whole', async () => {
    const { reindexer, nearest } = await workshop();
    await reindexer.run([source('shop', { r: COLOURS.r })]);
    const during: (string | undefined)[] = [];
    const asking: Promise<unknown>[] = [];
    await reindexer.run([source('shop', { g: COLOURS.g, b: COLOURS.b })], {
      ...CONFIRMED,
      onProgress: () => asking.push(nearest(COLOURS.g).then((id) => during.push(id))),
    });
    await Promise.all(asking);
    expect(during[0]).toBe('r');
    expect(await nearest(COLOURS.g)).toBe('g');
  });

  it('refuses a second run meanwhile', async () => {
    const { reindexer } = await workshop();
    const first = reindexer.run([source('shop', COLOURS)]);
    await expect(reindexer.run([source('annex', COLOURS)])).rejects.toThrow(/already running/);
    expect(await first).toMatchObject({ total: 4 });
  });

  it('leaves everything as it is when nothing could be used', async () => {
    const { reindexer, nearest, catalogue } = await workshop();
    await reindexer.run([source('shop', COLOURS)]);
    const failing = reindexer.run([source('shop', { r: Buffer.from('x') })]);
    await expect(failing).rejects.toThrow(OperatorError);
    await expect(failing).rejects.toThrow(/No item could be used of 1[^]*shop r: /);
    expect(await nearest(COLOURS.r)).toBe('r');
    expect(await catalogue.get('g')).toBeDefined();
  });

  it('is found again by the next process', async () => {
    const first = await workshop();
    await first.reindexer.run([source('shop', COLOURS)]);
    for (const close of open.splice(0).reverse()) await close();
    const second = await workshop(first.folder.path);
    expect(await second.nearest(COLOURS.y)).toBe('y');
    expect(await second.reindexer.run([source('shop', COLOURS)])).toMatchObject({
      unchanged: 4,
      embedded: 0,
    });
    expect(await readdir(second.folder.indexFolder)).toHaveLength(2);
  });
});
