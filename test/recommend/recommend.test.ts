import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { cosine } from '../../scripts/statistics.ts';
import type { Classifier } from '../../src/embed/classifier.ts';
import { embedViews } from '../../src/recommend/embed-views.ts';
import { BusyError, InputError } from '../../src/util/errors.ts';
import { createGallerySessions } from '../../src/recommend/gallery-sessions.ts';
import { createCatalogue } from '../../src/catalogue/catalogue.ts';
import { createMetrics, type Metrics } from '../../src/metrics/metrics.ts';
import { createPhotoDecoder } from '../../src/photo/decode-photo.ts';
import { createRecommender, type Recommender } from '../../src/recommend/recommend.ts';
import { createExactIndex } from '../../src/search/exact-index.ts';
import { COLOUR_FINGERPRINT, type ColourEmbedder, createColourEmbedder } from '../fakes/colour-embedder.ts';
import { createMemoryStore } from '../memory-store.ts';

const bands = {
  weakBelow: 0.5,
  duplicateFrom: 0.99999,
  words: [
    { from: 0.999, word: 'nearly identical' },
    { from: 0.5, word: 'similar' },
    { from: -1, word: 'loosely similar' },
  ],
  derivedFrom: 'chosen for this test',
};

const decoder = createPhotoDecoder();

function photo(background: string): Promise<Uint8Array> {
  return sharp({ create: { width: 64, height: 64, channels: 3, background } })
    .png()
    .toBuffer();
}

/** The picture of the nth item. */
const shade = (n: number): Promise<Uint8Array> => photo(`rgb(${250 - n * 8}, ${n * 9}, 20)`);

/** The picture of the nth item again, but different from its own mirror image. */
const twoColours = async (n: number): Promise<Uint8Array> =>
  sharp(await shade(n))
    .extend({ right: 64, background: 'rgb(20, 60, 250)' })
    .png()
    .toBuffer();

interface Shop {
  readonly recommender: Recommender;
  readonly embedder: ColourEmbedder;
  readonly metrics: Metrics;
}

/** Reds from dark to bright, each a little different, with a gender in turn. */
async function openShop(
  options: { lost?: string; full?: boolean; classifier?: Classifier; picture?: typeof shade } = {},
): Promise<Shop> {
  const embedder = createColourEmbedder();
  const ids = Array.from({ length: 12 }, (_, n) => `red ${n}`);
  const vectors = new Float32Array(ids.length * COLOUR_FINGERPRINT.dimension);
  for (const n of ids.keys()) {
    const pixels = await decoder.decode(await (options.picture ?? shade)(n), embedder.input);
    vectors.set(await embedder.embed(pixels, { priority: 'bulk' }), n * COLOUR_FINGERPRINT.dimension);
  }
  const items = ids.map((id, n) => ({
    id,
    title: `Dress ${n}`,
    labels: { gender: n % 2 === 0 ? 'Women' : 'Men' },
    picture: String(n).padStart(64, '0'),
    source: 'shop',
    ...(n === 0 && {
      link: 'https://shop.example/0',
      price: '10 EUR',
      availability: 'out of stock' as const,
    }),
    ...(n === 1 && { predicted: { type: { value: 'Dresses', probability: 0.9 } } }),
  }));
  const catalogue = createCatalogue(createMemoryStore().namespace('items'));
  await catalogue.set(items.filter(({ id }) => id !== options.lost));
  const index = createExactIndex({
    fingerprint: COLOUR_FINGERPRINT,
    entries: items,
    vectors,
    createdAt: new Date(),
  });
  const metrics = createMetrics();
  const recommender = createRecommender({
    decoder,
    embedder: options.full
      ? { ...embedder, embed: () => Promise.reject(new BusyError('full', 3)) }
      : embedder,
    index: () => index,
    catalogue,
    sessions: createGallerySessions(createMemoryStore().namespace('galleries'), COLOUR_FINGERPRINT),
    bands,
    metrics,
    ...(options.classifier && { classifier: options.classifier }),
  });
  return { recommender, embedder, metrics };
}

let red: Uint8Array;
beforeAll(async () => {
  red = await photo('rgb(250, 0, 20)');
});

describe('recommend', () => {
  it('returns five distinct items, most similar first, each with its data from the catalogue', async () => {
    const { recommender } = await openShop();
    const gallery = await recommender.recommend(red);
    expect(gallery.items.map(({ rank, id }) => [rank, id])).toEqual(
      [1, 2, 3, 4, 5].map((n) => [n, `red ${n - 1}`]),
    );
    expect(gallery.items[0]).toMatchObject({
      title: 'Dress 0',
      likeness: 'nearly identical',
      labels: { gender: 'Women' },
      link: 'https://shop.example/0',
      price: '10 EUR',
      availability: 'out of stock',
      duplicateCount: 0,
    });
    expect(gallery.items[1]).not.toHaveProperty('link');
    expect(gallery.items[1]).not.toHaveProperty('availability');
    expect(gallery).toMatchObject({ weak: false, more: true, filter: {} });
  });

  it('searches a catalogue picture by its unmodified embedding, and any other photo by two views', async () => {
    const { recommender, embedder } = await openShop({ picture: twoColours });
    const before = embedder.embedded;
    const own = await recommender.recommend(await twoColours(0));
    expect(embedder.embedded).toBe(before + 2);
    expect(own.items[0]).toMatchObject({ id: 'red 0' });
    expect(own.items[0]!.similarity).toBeCloseTo(1, 6);

    // The same two colours with another share of the picture: nobody's own.
    const other = await sharp(await twoColours(0))
      .extend({ left: 24, background: 'rgb(250, 0, 20)' })
      .png()
      .toBuffer();
    const { items } = await recommender.recommend(other);
    const best = items[0]!;
    const item = await embedder.embed(
      await decoder.decode(await twoColours(Number(best.id.slice(4))), embedder.input),
      { priority: 'bulk' },
    );
    const views = await (await decoder.open(other)).views(embedder.input.side);
    const { whole, mean } = await embedViews(embedder, views, { priority: 'bulk' });
    expect(best.similarity).toBeCloseTo(cosine(mean, item), 5);
    expect(Math.abs(cosine(whole, item) - cosine(mean, item))).toBeGreaterThan(0.02);
  });

  it('returns the labels predicted for the photo, and the predicted labels of each item', async () => {
    const shows = { colour: { value: 'Red', probability: 0.9 } };
    const { recommender } = await openShop({ classifier: { labels: ['colour'], classify: () => shows } });
    const gallery = await recommender.recommend(red);
    expect(gallery.shows).toEqual(shows);
    expect(gallery.items[1]).toMatchObject({
      labels: { gender: 'Men' },
      predicted: { type: { value: 'Dresses', probability: 0.9 } },
    });
    expect(gallery.items[0]).not.toHaveProperty('predicted');
    expect((await recommender.page(gallery.id, { offset: 5 })).shows).toEqual(shows);
    // The labels of an item are known, so none are predicted.
    expect(await recommender.similar('red 0')).not.toHaveProperty('shows');
  });

  it('marks a gallery as weak when its best match is below the band, and describes the similarity in words', async () => {
    const { recommender, metrics } = await openShop();
    const gallery = await recommender.recommend(await photo('rgb(0, 200, 255)'));
    expect(gallery.weak).toBe(true);
    expect(gallery.items[0]?.likeness).toBe('loosely similar');
    expect(await metrics.render()).toContain('fashion_photos_total{outcome="weak"} 1');
  });

  it('returns further pages and other filters of a gallery without embedding the photo again', async () => {
    const { recommender, embedder } = await openShop();
    const first = await recommender.recommend(red);
    const before = embedder.embedded;
    const second = await recommender.page(first.id, { offset: 5 });
    expect(second.items.map(({ rank, id }) => [rank, id])).toEqual(
      [6, 7, 8, 9, 10].map((n) => [n, `red ${n - 1}`]),
    );
    const last = await recommender.page(first.id, { offset: 10 });
    expect(last.items).toHaveLength(2);
    expect(last.more).toBe(false);
    const men = await recommender.page(first.id, { filter: { gender: ['Men'] } });
    expect(men.items.map(({ id }) => id)).toEqual([1, 3, 5, 7, 9].map((n) => `red ${n}`));
    expect(men.filter).toEqual({ gender: ['Men'] });
    const none = await recommender.page(first.id, { filter: { type: ['Hats'] } });
    expect(none).toMatchObject({ items: [], weak: false, more: false });
    expect(embedder.embedded).toBe(before);
  });

  it('finds items like an item, without the item itself, and pages through them', async () => {
    const { recommender } = await openShop();
    const gallery = await recommender.similar('red 3', { count: 2 });
    expect(gallery.items.map(({ id }) => id).sort()).toEqual(['red 2', 'red 4']);
    const rest = await recommender.page(gallery.id, { offset: 2, count: 20 });
    expect(rest.items).toHaveLength(9);
    expect(rest.items.map(({ id }) => id)).not.toContain('red 3');
  });

  it('leaves out an item that the catalogue has just removed, and keeps the ranks of the others', async () => {
    const { recommender } = await openShop({ lost: 'red 1' });
    const { items } = await recommender.recommend(red);
    expect(items.map(({ rank }) => rank)).toEqual([1, 3, 4, 5]);
  });

  it('refuses unknown galleries, unknown items and counts out of range, with a message for the person', async () => {
    const { recommender } = await openShop();
    await expect(recommender.page('0123456789abcdef')).rejects.toMatchObject({ problem: 'unknown-gallery' });
    await expect(recommender.similar('blue 1')).rejects.toMatchObject({ problem: 'unknown-item' });
    for (const count of [0, 21, 2.5, NaN]) {
      await expect(recommender.recommend(red, { count })).rejects.toThrow(
        /count to be a whole number from 1 to 20/,
      );
    }
    const { id } = await recommender.recommend(red);
    await expect(recommender.page(id, { offset: 201 })).rejects.toThrow(
      /offset to be a whole number from 0 to 200/,
    );
  });

  it('counts each photo by its outcome, and times each stage once', async () => {
    const { recommender, metrics } = await openShop();
    await recommender.recommend(red);
    await expect(recommender.recommend(Buffer.from('text'))).rejects.toThrow(InputError);
    const full = await openShop({ full: true });
    await expect(full.recommender.recommend(red)).rejects.toThrow(BusyError);
    expect(await metrics.render()).toMatch(/outcome="answered"\} 1[^]*outcome="refused"\} 1/);
    expect(await full.metrics.render()).toContain('outcome="busy"} 1');
    for (const stage of ['embed', 'own-picture', 'search', 'gallery']) {
      expect(await metrics.render()).toContain(`fashion_stage_duration_seconds_count{stage="${stage}"} 1\n`);
    }
  });
});
