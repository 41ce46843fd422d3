import sharp from 'sharp';
import { expect, it } from 'vitest';
import { evaluateModel } from '../../../scripts/evaluate/evaluate-model.ts';
import { photoClasses } from '../../../scripts/evaluate/photo-classes.ts';
import { createPhotoDecoder } from '../../../src/photo/decode-photo.ts';
import { createColourEmbedder } from '../../fakes/colour-embedder.ts';

function picture(background: string): Promise<Buffer> {
  return sharp({ create: { width: 30, height: 40, channels: 3, background } })
    .png()
    .toBuffer();
}

it('searches among all other items, and scores the classifiers', async () => {
  const embedder = createColourEmbedder();
  const decoder = createPhotoDecoder();
  const shades = ['ff0000', 'f00000', 'e00000', 'd00000', 'c00000', 'b00000'];
  const colours = [...shades, ...shades.map((shade) => `00${shade.slice(0, 2)}00`)];
  const items = colours.map((id, n) => ({
    id,
    title: id,
    labels: {
      type: n < 6 ? 'Shirts' : 'Caps',
      colour: n < 6 ? 'Red' : 'Green',
      ...(n > 0 && { gender: 'Men' }),
    },
  }));
  const vectorOf = async (colour: string): Promise<Float32Array> =>
    embedder.embed(await decoder.decode(await picture(colour), embedder.input), { priority: 'bulk' });
  const [red, green] = [await vectorOf('#ff0000'), await vectorOf('#00ff00')];
  const weights = Float32Array.from({ length: red.length * 2 }, (_, n) =>
    n % 2 === 0 ? green[n >> 1]! : red[n >> 1]!,
  );
  const photo = (className: string, colour: string, ...types: string[]) => ({
    className,
    types,
    read: () => picture(colour),
  });

  const found = await evaluateModel({
    embedder,
    decoder,
    items,
    queries: [0, 6],
    photos: [photo('shirt', '#ee1100', 'Shirts'), photo('hat', '#ee0011', 'Caps')],
    heads: [{ label: 'type', classes: ['Caps', 'Shirts'], temperature: 1, weights }],
    picture: (id) => picture(`#${id}`),
    onProgress: () => undefined,
  });
  // Five of the six items of a kind are not the query itself.
  expect(found.type).toMatchObject({ precision: 1, recall: 1 });
  expect(found.colour).toMatchObject({ precision: 1, recall: 1 });
  // The first item has no gender, so it is not scored.
  expect(found.gender.precision).toBe(1);
  expect(found.photos.precision).toBe(0.5);
  expect(found.photosByClass).toEqual({ shirt: 1, hat: 0 });
  expect(found.classifiers.type).toEqual({ accuracy: 1, macroF1: 1, count: 2 });
  expect([...found.confusion!.counts]).toEqual([1, 0, 0, 1]);
  expect(found.photoClasses!.scores).toMatchObject({ accuracy: 0.5, count: 2 });
});

it('counts a type that fits several classes as the photo’s own class, and one that fits none as none', () => {
  const photo = (className: string, ...types: string[]) => ({
    className,
    types,
    read: () => picture('#fff'),
  });
  const photos = [
    photo('t-shirt', 'Tshirts', 'Tops'),
    photo('longsleeve', 'Tops', 'Sweaters'),
    photo('longsleeve', 'Tops', 'Sweaters'),
    photo('t-shirt', 'Tshirts', 'Tops'),
  ];
  const { scores, confusion } = photoClasses(photos, ['Tops', 'Tops', 'Tshirts', 'Watches']);
  expect(confusion.classes).toEqual(['t-shirt', 'longsleeve', 'none of them']);
  expect([...confusion.counts]).toEqual([1, 0, 1, 1, 1, 0, 0, 0, 0]);
  expect(scores.accuracy).toBe(0.5);
});
