import { describe, expect, it } from 'vitest';
import sharp from 'sharp';
import { createPhotoDecoder, TILE_BYTES, TILE_HEIGHT, TILE_WIDTH } from '../../src/photo/decode-photo.ts';
import { distance, pixelAt, plain, RED, textured, withSegment } from './photo-files.ts';

const decoder = createPhotoDecoder({ concurrency: 2 });

async function facts(bytes: Uint8Array) {
  const { format, width, height, space, exif, icc, xmp, isProgressive } = await sharp(bytes).metadata();
  return { format, width, height, space, isProgressive, metadata: [exif, icc, xmp].filter(Boolean).length };
}

describe('a tile', () => {
  it.each([
    ['a large portrait photo', 1080, 1440, 300, 400],
    ['a wide photo', 1600, 400, 300, 75],
    ['a tall photo', 400, 1600, 100, 400],
    ['a photo of 10,000 x 10', 10_000, 10, 300, 1],
  ])('of %s fits into 300 x 400 and keeps its shape', async (_, width, height, tileWidth, tileHeight) => {
    const tile = await decoder.tile(await plain(RED, width, height).png().toBuffer());
    expect(await facts(tile)).toEqual({
      format: 'jpeg',
      width: tileWidth,
      height: tileHeight,
      space: 'srgb',
      isProgressive: false,
      metadata: 0,
    });
  });

  it('of a small picture is not enlarged', async () => {
    const tile = await decoder.tile(await plain(RED, 60, 80).png().toBuffer());
    expect(await facts(tile)).toMatchObject({ format: 'jpeg', width: 60, height: 80 });
  });

  it('of noise stays under 60,000 bytes', async () => {
    const noise = await textured(TILE_WIDTH, TILE_HEIGHT).png().toBuffer();
    const usual = await sharp(noise).jpeg({ quality: 85 }).toBuffer();
    expect(usual.length).toBeGreaterThan(TILE_BYTES);
    const tile = await decoder.tile(noise);
    expect(tile.length).toBeLessThanOrEqual(TILE_BYTES);
    expect(await facts(tile)).toMatchObject({ width: TILE_WIDTH, height: TILE_HEIGHT });
  });

  it('has a white background and colours in sRGB', async () => {
    const clear = { r: 0, g: 0, b: 0, alpha: 0 };
    const square = await plain(RED, 200, 200).png().toBuffer();
    const picture = await sharp({ create: { width: 600, height: 600, channels: 4, background: clear } })
      .composite([{ input: square, gravity: 'centre' }])
      .withIccProfile('p3')
      .png()
      .toBuffer();
    const pixels = await sharp(await decoder.tile(picture))
      .raw()
      .toBuffer();
    expect(distance(pixelAt(pixels, 300, 0, 0), [255, 255, 255])).toBeLessThanOrEqual(2);
    expect(distance(pixelAt(pixels, 300, 0.5, 0.5), RED)).toBeLessThanOrEqual(6);
  });
});

describe('a picture that is a tile already', () => {
  const picture = (): Promise<Buffer> => textured(60, 80).jpeg().toBuffer();

  it('is returned unchanged', async () => {
    for (const bytes of [
      await picture(),
      await textured(300, 400).jpeg({ quality: 40 }).toBuffer(),
      await textured(60, 80).toColourspace('b-w').jpeg().toBuffer(),
    ]) {
      expect(await decoder.tile(bytes)).toBe(bytes);
    }
  });

  it.each([
    [
      'a position',
      async () =>
        textured(60, 80)
          .withExif({ IFD3: { GPSLatitudeRef: 'N' } })
          .jpeg()
          .toBuffer(),
    ],
    ['a comment', async () => withSegment(await picture(), 0xfe, Buffer.from('taken at home'))],
    [
      'XMP',
      async () => withSegment(await picture(), 0xe1, Buffer.from('http://ns.adobe.com/xap/1.0/\0<x/>')),
    ],
    ['Photoshop data', async () => withSegment(await picture(), 0xed, Buffer.from('Photoshop 3.0\0'))],
    ['a thumbnail', async () => withSegment(await picture(), 0xe0, Buffer.from(`JFXX\0${'a'.repeat(40)}`))],
    ['a profile', async () => textured(60, 80).withIccProfile('p3').jpeg().toBuffer()],
    ['a file behind its end', async () => Buffer.concat([await picture(), Buffer.from('PK and so on')])],
    ['another photo behind its end', async () => Buffer.concat([await picture(), await picture()])],
  ])('but carries %s is encoded again without it', async (_, make) => {
    const bytes = await make();
    const tile = await decoder.tile(bytes);
    expect(tile).not.toBe(bytes);
    expect(await facts(tile)).toMatchObject({ format: 'jpeg', width: 60, height: 80, metadata: 0 });
    expect(await decoder.tile(tile)).toBe(tile); // Nothing is left to remove.
  });

  it.each([
    ['is progressive', () => textured(60, 80).jpeg({ progressive: true }).toBuffer()],
    ['is CMYK', () => textured(60, 80).toColourspace('cmyk').jpeg().toBuffer()],
    ['is a little too wide', () => textured(301, 80).jpeg({ quality: 40 }).toBuffer()],
    ['is a little too tall', () => textured(60, 401).jpeg({ quality: 40 }).toBuffer()],
  ])('but %s is encoded again', async (_, make) => {
    const tile = await decoder.tile(await make());
    const { format, space, isProgressive, width, height } = await facts(tile);
    expect({ format, space, isProgressive }).toEqual({ format: 'jpeg', space: 'srgb', isProgressive: false });
    expect(width).toBeLessThanOrEqual(TILE_WIDTH);
    expect(height).toBeLessThanOrEqual(TILE_HEIGHT);
  });

  it('is refused when it is cut off', async () => {
    const bytes = await picture();
    await expect(decoder.tile(bytes.subarray(0, bytes.length - 20))).rejects.toMatchObject({
      problem: 'photo-damaged',
    });
  });
});
