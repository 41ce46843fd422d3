import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { createCatalogue } from '../../src/catalogue/catalogue.ts';
import type { GarmentFinder } from '../../src/garments/garment-finder.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';
import { createPhotoDecoder } from '../../src/photo/decode-photo.ts';
import { createGallerySessions } from '../../src/recommend/gallery-sessions.ts';
import { createRecommender } from '../../src/recommend/recommend.ts';
import { createExactIndex } from '../../src/search/exact-index.ts';
import { BusyError, InputError } from '../../src/util/errors.ts';
import { COLOUR_FINGERPRINT, createColourEmbedder } from '../fakes/colour-embedder.ts';
import { createColourFinder } from '../fakes/colour-finder.ts';
import { createMemoryStore } from '../memory-store.ts';

const bands = {
  weakBelow: 0.9999,
  weakBelowOfSameKind: 0.9,
  duplicateFrom: 0.99999,
  words: [
    { from: 0.99995, word: 'nearly identical' },
    { from: -1, word: 'similar' },
  ],
  derivedFrom: 'chosen for this test',
};

const KINDS = { r: 'top', g: 'trousers', b: 'shoes' } as const;
type Patch = readonly [colour: string, left: number, top: number, width: number, height: number];

const decoder = createPhotoDecoder();

/** Coloured rectangles on black. */
async function photo(patches: readonly Patch[], width = 320, height = 320): Promise<Uint8Array> {
  const layers = await Promise.all(
    patches.map(async ([background, left, top, width, height]) => ({
      input: await sharp({ create: { width, height, channels: 3, background } })
        .png()
        .toBuffer(),
      left,
      top,
    })),
  );
  return sharp({ create: { width, height, channels: 3, background: 'black' } })
    .composite(layers)
    .png()
    .toBuffer();
}

/** A person: a top above trousers above shoes, the trousers largest. */
const OUTFIT: readonly Patch[] = [
  ['rgb(200,0,0)', 100, 20, 120, 80],
  ['rgb(0,200,0)', 100, 110, 120, 130],
  ['rgb(0,0,200)', 110, 250, 100, 60],
];

/** Six items each of tops (reds), trousers (greens) and shoes (blues), darker with each. */
async function openShop({
  finder = createColourFinder(KINDS),
  types = { r: 'Tops', g: 'Trousers', b: 'Casual Shoes' },
}: { finder?: GarmentFinder; types?: Readonly<Record<string, string | undefined>> } = {}) {
  const embedder = createColourEmbedder();
  const wares = ['r', 'g', 'b'].flatMap((channel) =>
    Array.from({ length: 6 }, (_, n) => ({ channel, id: `${channel}${n + 1}`, value: 200 - 25 * n })),
  );
  const { dimension } = COLOUR_FINGERPRINT;
  const vectors = new Float32Array(wares.length * dimension);
  for (const [row, { channel, value }] of wares.entries()) {
    const colour = `rgb(${['r', 'g', 'b'].map((one) => (one === channel ? value : 0)).join()})`;
    const pixels = await decoder.decode(await photo([[colour, 0, 0, 64, 64]], 64, 64), embedder.input);
    vectors.set(await embedder.embed(pixels, { priority: 'bulk' }), row * dimension);
  }
  const items = wares.map(({ id, channel }, n) => ({
    id,
    title: id,
    labels: {
      ...(types[channel] !== undefined && { type: types[channel] }),
      gender: n % 2 ? 'Men' : 'Women',
    },
    picture: String(n).padStart(64, '0'),
    source: 'shop',
  }));
  const catalogue = createCatalogue(createMemoryStore().namespace('items'));
  await catalogue.set(items);
  const index = createExactIndex({
    fingerprint: COLOUR_FINGERPRINT,
    entries: items,
    vectors,
    createdAt: new Date(),
  });
  const metrics = createMetrics();
  const sessions = createGallerySessions(createMemoryStore().namespace('galleries'), COLOUR_FINGERPRINT);
  const recommender = createRecommender({
    decoder, embedder, finder, index: () => index, catalogue, sessions, bands, metrics,
  }); // prettier-ignore
  return { recommender, embedder, metrics, sessions };
}

/** The colours of the items: r for tops, g for trousers, b for shoes. */
const colours = (items: readonly { readonly id: string }[]): string => items.map(({ id }) => id[0]).join('');

describe('a photo of an outfit', () => {
  it('is answered with the closest item of each garment, then with the next closest of the most prominent', async () => {
    const { recommender } = await openShop();
    const gallery = await recommender.recommend(await photo(OUTFIT));
    expect(gallery.items.map(({ rank, id, garment }) => [rank, id[0], garment])).toEqual([
      [1, 'g', 'trousers'],
      [2, 'r', 'top'],
      [3, 'b', 'shoes'],
      [4, 'g', 'trousers'],
      [5, 'g', 'trousers'],
    ]);
    const trousers = await recommender.page(gallery.garments[0]!.gallery);
    expect([0, 3, 4].map((place) => gallery.items[place]!.id)).toEqual(
      trousers.items.slice(0, 3).map(({ id }) => id),
    );
    expect(gallery).toMatchObject({ garmentSeen: true, weak: false, severalPeople: false, more: true });
    expect(gallery.photo).toEqual({ width: 320, height: 320 });
    expect(gallery).not.toHaveProperty('kind');
    const more = await recommender.page(gallery.id, { offset: 5 });
    expect(more.items.map(({ rank }) => rank)).toEqual([6, 7, 8]);
    expect(new Set([...gallery.items, ...more.items].map(({ id }) => id)).size).toBe(8);
    expect(colours(more.items)).toBe('ggg');
    expect(more.garments).toEqual(gallery.garments);
  });

  it('names its garments with their boxes, and each has five items of its own', async () => {
    const { recommender } = await openShop();
    const { garments } = await recommender.recommend(await photo(OUTFIT));
    expect(garments.map(({ kind }) => kind)).toEqual(['trousers', 'top', 'shoes']);
    [100 / 320, 110 / 320, 220 / 320, 240 / 320].forEach((edge, n) => {
      expect(garments[0]!.box[n]).toBeCloseTo(edge, 1);
    });
    const shoes = await recommender.page(garments[2]!.gallery);
    expect(colours(shoes.items)).toBe('bbbbb');
    expect(shoes).toMatchObject({ kind: 'shoes', garments: [], more: true });
    const men = await recommender.page(garments[2]!.gallery, { filter: { gender: ['Men'] } });
    expect(men.items.map(({ id }) => id).sort()).toEqual(['b2', 'b4', 'b6']);
  });

  it('keeps to a filter in every part of the answer, and leaves out garments of which a filter by type wants nothing', async () => {
    const { recommender } = await openShop();
    const { id } = await recommender.recommend(await photo(OUTFIT));
    const men = await recommender.page(id, { filter: { gender: ['Men'] } });
    expect(colours(men.items)).toBe('grbgg');
    expect(men.items.every(({ labels }) => labels.gender === 'Men')).toBe(true);
    const tops = await recommender.page(id, { filter: { type: ['Tops'] } });
    expect(colours(tops.items)).toBe('rrrrr');
    const watches = await recommender.page(id, { filter: { type: ['Watches'] } });
    expect(watches.items).toEqual([]);
  });

  it('shows for a garment also items without a type, and of types whose words are not known', async () => {
    const { recommender } = await openShop({ types: { r: undefined, g: 'Xyz-42', b: 'Blouses' } });
    const { garments } = await recommender.recommend(await photo(OUTFIT));
    const top = await recommender.page(garments[1]!.gallery);
    expect(colours(top.items)).toBe('rrrrr');
  });

  it('goes on without a garment whose gallery was deleted', async () => {
    const { recommender, sessions } = await openShop();
    const { id, garments } = await recommender.recommend(await photo(OUTFIT));
    await sessions.delete(garments[0]!.gallery);
    const page = await recommender.page(id);
    expect(colours(page.items)).toBe('rbrrr');
    await expect(recommender.page(garments[0]!.gallery)).rejects.toMatchObject({
      problem: 'unknown-gallery',
    });
    for (const { gallery } of garments) await sessions.delete(gallery);
    expect((await recommender.page(id)).items).toHaveLength(5);
  });

  it('puts the garments of the most prominent person first, and says that there are several', async () => {
    const { recommender } = await openShop();
    const other = OUTFIT.map(([colour, left, top, width, height]): Patch => [
      colour,
      left + 330,
      top,
      width - 60,
      height,
    ]);
    const finder = createColourFinder({});
    const two = await openShop({
      finder: {
        ...finder,
        find: () =>
          Promise.resolve({
            isProduct: true,
            productProbability: 1,
            garments: [
              { kind: 'trousers', box: [0.1, 0.4, 0.4, 0.8], probability: 0.9, share: 0.12 },
              { kind: 'trousers', box: [0.7, 0.4, 0.9, 0.8], probability: 0.9, share: 0.08 },
              { kind: 'top', box: [0.7, 0.1, 0.9, 0.4], probability: 0.9, share: 0.07 },
              { kind: 'shoes', box: [0.1, 0.8, 0.35, 0.95], probability: 0.9, share: 0.04 },
            ],
          }),
      },
    });
    const bytes = await photo([...OUTFIT, ...other], 640, 320);
    const gallery = await two.recommender.recommend(bytes);
    expect(gallery.severalPeople).toBe(true);
    expect(gallery.garments.map(({ kind, box }) => [kind, box[0]])).toEqual([
      ['trousers', 0.1],
      ['shoes', 0.1],
      ['trousers', 0.7],
      ['top', 0.7],
    ]);
    expect((await recommender.recommend(await photo(OUTFIT))).severalPeople).toBe(false);
  });
});

describe('a photo of one garment', () => {
  it('is searched by as a whole, with two views, and what else is in it has its own gallery', async () => {
    const { recommender, embedder } = await openShop();
    const before = embedder.embedded;
    const gallery = await recommender.recommend(
      await photo([
        ['rgb(0,200,0)', 20, 20, 280, 240],
        ['rgb(0,0,200)', 100, 270, 80, 40],
      ]),
    );
    expect(embedder.embedded - before).toBe(3);
    expect(gallery.items.every(({ garment }) => garment === undefined)).toBe(true);
    expect(gallery.garments.map(({ kind, gallery: own }) => [kind, own === gallery.id])).toEqual([
      ['trousers', true],
      ['shoes', false],
    ]);
  });

  it('is weak when the closest item is of another kind, and not weak when the kinds agree', async () => {
    const alike = await openShop();
    const green: readonly Patch[] = [['rgb(0,200,0)', 100, 0, 220, 320]];
    const close = await alike.recommender.recommend(await photo(green));
    expect(close.items[0]!.similarity).toBeLessThan(bands.weakBelow);
    expect(close.weak).toBe(false);
    // The greens of this shop are bags, which trousers in a photo do not agree with.
    const bags = await openShop({ types: { r: 'Tops', g: 'Handbags', b: 'Casual Shoes' } });
    expect((await bags.recommender.recommend(await photo(green))).weak).toBe(true);
    // Nothing is known of these types, so the cosine alone decides.
    const unknown = await openShop({ types: { r: 'A', g: 'B', b: 'C' } });
    expect((await unknown.recommender.recommend(await photo(green))).weak).toBe(true);
  });
});

describe('a photo without a garment', () => {
  const bare: readonly Patch[] = [['rgb(90,90,90)', 40, 40, 200, 200]];

  it('gets no items until somebody asks for the nearest ones', async () => {
    const { recommender, metrics } = await openShop();
    const gallery = await recommender.recommend(await photo(bare));
    expect(gallery).toMatchObject({ garmentSeen: false, items: [], garments: [], weak: true, more: true });
    const anyway = await recommender.page(gallery.id);
    expect(anyway).toMatchObject({ garmentSeen: false, weak: true });
    expect(anyway.items).toHaveLength(5);
    expect(await metrics.render()).toContain('fashion_photos_total{outcome="no-garment"} 1');
  });

  it('finds itself when it is a picture of the inventory', async () => {
    const { recommender } = await openShop({ finder: createColourFinder({}) });
    const gallery = await recommender.recommend(await photo([['rgb(175,0,0)', 0, 0, 64, 64]], 64, 64));
    expect(gallery.garmentSeen).toBe(true);
    expect(gallery.items[0]).toMatchObject({ id: 'r2', likeness: 'nearly identical' });
  });
});

describe('a box in a photo', () => {
  it('is searched by as one garment', async () => {
    const { recommender } = await openShop();
    const gallery = await recommender.recommend(await photo(OUTFIT), { box: [0.33, 0.76, 0.67, 0.98] });
    expect(colours(gallery.items)).toBe('bbbbb');
    expect(gallery.garments).toEqual([
      { kind: 'shoes', box: [0.33, 0.76, 0.67, 0.98], probability: 0.9, gallery: gallery.id },
    ]);
  });

  it('shows no match when it holds no garment', async () => {
    const { recommender } = await openShop();
    const gallery = await recommender.recommend(await photo(OUTFIT), { box: [0.75, 0.1, 0.95, 0.5] });
    expect(gallery).toMatchObject({ garmentSeen: false, items: [] });
  });
});

describe('failures', () => {
  it('of the finder end the work on the photo with the reason', async () => {
    const busy = { ...createColourFinder({}), find: () => Promise.reject(new BusyError('full', 2)) };
    const { recommender, metrics } = await openShop({ finder: busy });
    await expect(recommender.recommend(await photo(OUTFIT))).rejects.toThrow(BusyError);
    expect(await metrics.render()).toContain('fashion_photos_total{outcome="busy"} 1');
    await expect(recommender.recommend(Uint8Array.of(1, 2, 3))).rejects.toThrow(InputError);
  });
});
