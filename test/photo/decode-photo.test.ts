import { describe, expect, it } from 'vitest';
import sharp, { type Sharp } from 'sharp';
import { InputError } from '../../src/util/errors.ts';
import { createPhotoDecoder } from '../../src/photo/decode-photo.ts';
import { mirroredMiddle } from '../../src/photo/mirrored-middle.ts';
import {
  BLUE,
  blackPng,
  distance,
  pixelAt,
  plain,
  RED,
  type Rgb,
  textured,
  withSegment,
} from './photo-files.ts';

const SIDE = 64;
const decoder = createPhotoDecoder({ concurrency: 2 });
const decode = (bytes: Uint8Array): Promise<Uint8Array> => decoder.decode(bytes, { side: SIDE });

/** The colour in the middle; also checks the number of bytes. */
async function middleOf(bytes: Uint8Array): Promise<number[]> {
  const pixels = await decode(bytes);
  expect(pixels).toHaveLength(SIDE * SIDE * 3);
  return pixelAt(pixels, SIDE, 0.5, 0.5);
}

describe('the two views of a photo', () => {
  it('are the decoded photo and its mirrored middle, and are refused with the same error', async () => {
    const bytes = await textured(300, 200).png().toBuffer();
    const { whole, middle } = await (await decoder.open(bytes)).views(SIDE);
    expect(Buffer.compare(whole, await decode(bytes))).toBe(0);
    expect(Buffer.compare(middle, await mirroredMiddle(whole, SIDE))).toBe(0);
    const text = Buffer.from('not a photo');
    const refusal = await decode(text).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(InputError);
    await expect(decoder.open(text)).rejects.toEqual(refusal);
  });
});

describe('decoding', () => {
  const exact = { quality: 100, chromaSubsampling: '4:4:4' } as const;
  const formats: [string, () => Promise<Buffer>][] = [
    ['a JPEG', () => plain(RED).jpeg(exact).toBuffer()],
    [
      'a progressive JPEG',
      () =>
        plain(RED)
          .jpeg({ ...exact, progressive: true })
          .toBuffer(),
    ],
    ['a PNG', () => plain(RED).png().toBuffer()],
    ['an interlaced PNG', () => plain(RED).png({ progressive: true }).toBuffer()],
    ['a PNG with a palette', () => plain(RED).png({ palette: true }).toBuffer()],
    ['a PNG of 16 bits', () => plain(RED).toColourspace('rgb16').png().toBuffer()],
    ['a WebP', () => plain(RED).webp({ lossless: true }).toBuffer()],
    ['a GIF', () => plain(RED).gif().toBuffer()],
    ['an AVIF', () => plain(RED).avif({ quality: 100, effort: 0 }).toBuffer()],
    ['an AVIF of 10 bits', () => plain(RED).avif({ quality: 100, effort: 0, bitdepth: 10 }).toBuffer()],
    ['a 1 x 1 PNG', () => plain(RED, 1, 1).png().toBuffer()],
    ['a PNG of 10,000 x 10', () => plain(RED, 10_000, 10).png().toBuffer()],
    ['a JPEG of 10 x 10,000', () => plain(RED, 10, 10_000).jpeg(exact).toBuffer()],
    ['a JPEG of 12 megapixels', () => plain(RED, 4000, 3000).jpeg(exact).toBuffer()],
  ];
  it.each(formats)('gives the right colour and size for %s', async (_, make) => {
    expect(distance(await middleOf(await make()), RED)).toBeLessThanOrEqual(3);
  });

  const profiles: [string, (picture: Sharp) => Promise<Buffer>][] = [
    ['a JPEG', (picture) => picture.jpeg(exact).toBuffer()],
    ['a PNG', (picture) => picture.png().toBuffer()],
    ['a PNG of 16 bits', (picture) => picture.toColourspace('rgb16').png().toBuffer()],
    ['a WebP', (picture) => picture.webp({ lossless: true }).toBuffer()],
    ['an AVIF', (picture) => picture.avif({ quality: 100, effort: 0 }).toBuffer()],
    ['an AVIF of 10 bits', (picture) => picture.avif({ quality: 100, effort: 0, bitdepth: 10 }).toBuffer()],
  ];
  it.each(profiles)('converts %s in Display P3 to sRGB', async (_, make) => {
    const bytes = await make(plain(RED).withIccProfile('p3'));
    const stored = [...(await sharp(bytes, { ignoreIcc: true }).raw().toBuffer()).subarray(0, 3)];
    expect(distance(stored, RED)).toBeGreaterThan(8); // In Display P3 the same colour has other numbers.
    expect(distance(await middleOf(bytes), RED)).toBeLessThanOrEqual(3);
  });

  it('keeps sRGB with a profile unchanged, at 8 and at 16 bits', async () => {
    const tagged = plain(RED).withIccProfile('srgb');
    expect(distance(await middleOf(await tagged.clone().png().toBuffer()), RED)).toBeLessThanOrEqual(2);
    const deep = await tagged.clone().toColourspace('rgb16').png().toBuffer();
    expect(distance(await middleOf(deep), RED)).toBeLessThanOrEqual(2);
  });

  it.each<[string, Rgb]>([
    ['white', [255, 255, 255]],
    ['light', [210, 190, 180]],
    ['grey', [120, 120, 120]],
    ['red', RED],
  ])('reads %s from a CMYK JPEG, as near as ink comes', async (_, colour) => {
    for (const picture of [plain(colour), plain(colour).withIccProfile('cmyk')]) {
      const bytes = await picture.toColourspace('cmyk').jpeg(exact).toBuffer();
      expect((await sharp(bytes).metadata()).space).toBe('cmyk');
      expect(distance(await middleOf(bytes), colour)).toBeLessThanOrEqual(20);
    }
  });

  it('gives three equal channels for grey pictures', async () => {
    const grey = plain([90, 90, 90]);
    for (const bytes of [
      await grey.clone().toColourspace('b-w').jpeg(exact).toBuffer(),
      await grey.clone().toColourspace('b-w').png().toBuffer(),
      await grey.clone().toColourspace('grey16').png().toBuffer(),
      await grey.clone().ensureAlpha().toColourspace('b-w').png().toBuffer(),
    ]) {
      expect(distance(await middleOf(bytes), [90, 90, 90])).toBeLessThanOrEqual(1);
    }
    expect(await middleOf(blackPng(40, 30))).toEqual([0, 0, 0]);
  });

  it.each([
    ['a PNG', (picture: Sharp) => picture.png().toBuffer()],
    ['a PNG of 16 bits', (picture: Sharp) => picture.toColourspace('rgb16').png().toBuffer()],
    ['a PNG with a palette', (picture: Sharp) => picture.png({ palette: true }).toBuffer()],
    ['a WebP', (picture: Sharp) => picture.webp({ lossless: true }).toBuffer()],
    ['a GIF', (picture: Sharp) => picture.gif().toBuffer()],
    ['an AVIF', (picture: Sharp) => picture.avif({ lossless: true, effort: 0 }).toBuffer()],
  ])('puts white behind the transparent parts of %s', async (_, make) => {
    const clear = { r: 0, g: 0, b: 0, alpha: 0 };
    const canvas = sharp({ create: { width: 60, height: 60, channels: 4, background: clear } });
    const drawn = canvas.composite([
      { input: await plain(BLUE, 30, 30).png().toBuffer(), gravity: 'centre' },
    ]);
    const pixels = await decode(await make(drawn));
    expect(distance(pixelAt(pixels, SIDE, 0, 0), [255, 255, 255])).toBeLessThanOrEqual(2);
    expect(distance(pixelAt(pixels, SIDE, 0.5, 0.5), BLUE)).toBeLessThanOrEqual(3);
  });

  it('mixes half-transparent pixels with white', async () => {
    const half = { r: 0, g: 0, b: 0, alpha: 0.5 };
    const bytes = await sharp({ create: { width: 20, height: 20, channels: 4, background: half } })
      .png()
      .toBuffer();
    expect(distance(await middleOf(bytes), [127, 127, 127])).toBeLessThanOrEqual(1);
  });

  it.each(['gif', 'webp'] as const)('takes the first frame of an animated %s', async (format) => {
    const frames = Buffer.concat([RED, BLUE].map((colour) => Buffer.alloc(40 * 30 * 3, Buffer.from(colour))));
    const raw = { width: 40, height: 60, channels: 3, pageHeight: 30 } as const;
    const bytes = await sharp(frames, { raw }).toFormat(format, { lossless: true }).toBuffer();
    expect((await sharp(bytes).metadata()).pages).toBe(2);
    const pixels = await decode(bytes);
    for (const y of [0, 1]) expect(distance(pixelAt(pixels, SIDE, 0.5, y), RED)).toBeLessThanOrEqual(3);
  });

  it('reads a JPEG with an invalid profile', async () => {
    const picture = await plain(RED).jpeg(exact).toBuffer();
    const rubbish = Buffer.concat([Buffer.from('ICC_PROFILE\0\x01\x01', 'latin1'), Buffer.alloc(100, 7)]);
    expect(distance(await middleOf(withSegment(picture, 0xe2, rubbish)), RED)).toBeLessThanOrEqual(3);
  });

  it('reads a photo whose bytes are a view into a larger buffer', async () => {
    const picture = await plain(RED).jpeg(exact).toBuffer();
    const memory = new Uint8Array(picture.length + 200);
    memory.set(picture, 100);
    expect(distance(await middleOf(memory.subarray(100, 100 + picture.length)), RED)).toBeLessThanOrEqual(3);
  });

  it('stretches the whole photo to the square', async () => {
    const right = await plain(BLUE, 100, 50).png().toBuffer();
    const bytes = await plain(RED, 200, 50)
      .composite([{ input: right, left: 100, top: 0 }])
      .png()
      .toBuffer();
    const pixels = await decode(bytes);
    expect(distance(pixelAt(pixels, SIDE, 0, 0.5), RED)).toBeLessThanOrEqual(1);
    expect(distance(pixelAt(pixels, SIDE, 0.4, 0.5), RED)).toBeLessThanOrEqual(1);
    expect(distance(pixelAt(pixels, SIDE, 0.6, 0.5), BLUE)).toBeLessThanOrEqual(1);
    expect(distance(pixelAt(pixels, SIDE, 1, 0.5), BLUE)).toBeLessThanOrEqual(1);
  });
});

describe('EXIF orientation', () => {
  const WIDTH = 96;
  const HEIGHT = 64;
  const CORNERS: readonly Rgb[] = [RED, BLUE, [40, 160, 70], [230, 210, 90]];

  /** The upright picture, with another colour in each quarter. */
  function colourAt(x: number, y: number): Rgb {
    return CORNERS[(x < WIDTH / 2 ? 0 : 1) + (y < HEIGHT / 2 ? 0 : 2)] ?? RED;
  }

  /** Where a stored pixel is seen, by the table of EXIF 2.32, tag 0x0112: which sides row 0 and column 0 are. */
  const SEEN_AT: Record<number, (x: number, y: number) => [number, number]> = {
    1: (x, y) => [x, y],
    2: (x, y) => [WIDTH - 1 - x, y],
    3: (x, y) => [WIDTH - 1 - x, HEIGHT - 1 - y],
    4: (x, y) => [x, HEIGHT - 1 - y],
    5: (x, y) => [y, x],
    6: (x, y) => [WIDTH - 1 - y, x],
    7: (x, y) => [WIDTH - 1 - y, HEIGHT - 1 - x],
    8: (x, y) => [y, HEIGHT - 1 - x],
  };

  async function stored(orientation: number): Promise<Buffer> {
    const [width, height] = orientation < 5 ? [WIDTH, HEIGHT] : [HEIGHT, WIDTH];
    const pixels = Buffer.alloc(width * height * 3);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const [seenX, seenY] = SEEN_AT[orientation]?.(x, y) ?? [x, y];
        pixels.set(colourAt(seenX, seenY), (y * width + x) * 3);
      }
    }
    return sharp(pixels, { raw: { width, height, channels: 3 } })
      .withMetadata({ orientation })
      .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
      .toBuffer();
  }

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('%i is applied to pixels and tile', async (orientation) => {
    const bytes = await stored(orientation);
    expect((await sharp(bytes).metadata()).orientation).toBe(orientation);
    const tile = await decoder.tile(bytes);
    expect(await sharp(tile).metadata()).toMatchObject({ width: WIDTH, height: HEIGHT });
    for (const picture of [bytes, tile]) {
      const pixels = await decode(picture);
      const seen = [0.2, 0.8].flatMap((y) => [0.2, 0.8].map((x) => pixelAt(pixels, SIDE, x, y)));
      seen.forEach((colour, n) => {
        expect(distance(colour, CORNERS[n] ?? [])).toBeLessThanOrEqual(6);
      });
    }
  });
});

describe('waiting', () => {
  it('lets an interactive photo overtake bulk photos', async () => {
    const alone = createPhotoDecoder({ concurrency: 1 });
    const photo = await textured(200, 200).jpeg().toBuffer();
    const order: string[] = [];
    const job = (name: string, priority: 'interactive' | 'bulk'): Promise<unknown> =>
      alone.decode(photo, { side: SIDE }, { priority }).then(() => order.push(name));
    await Promise.all([job('import 1', 'bulk'), job('import 2', 'bulk'), job('person', 'interactive')]);
    expect(order).toEqual(['import 1', 'person', 'import 2']);
  });

  it('rejects with the reason of the signal, whether the photo is waiting or being decoded', async () => {
    const alone = createPhotoDecoder({ concurrency: 1 });
    const photo = await textured(200, 200).jpeg().toBuffer();
    const leaving = new AbortController();
    const options = { signal: leaving.signal };
    const png = await textured(200, 200).png().toBuffer();
    const inWork = alone.decode(photo, { side: SIDE }, options);
    const waiting = alone.tile(png, options);
    const staying = alone.decode(photo, { side: SIDE });
    leaving.abort(new Error('left'));
    await Promise.all([
      expect(inWork).rejects.toThrow('left'),
      expect(waiting).rejects.toThrow('left'),
      expect(staying).resolves.toHaveLength(SIDE * SIDE * 3),
    ]);
  });

  it.each([0, -1, 1.5, NaN])('refuses a concurrency of %d', (concurrency) => {
    expect(() => createPhotoDecoder({ concurrency })).toThrow(RangeError);
  });
});
