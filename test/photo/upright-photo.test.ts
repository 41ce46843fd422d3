import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { createPhotoDecoder } from '../../src/photo/decode-photo.ts';

const decoder = createPhotoDecoder();

/** Red on the left, blue on the right. */
const twoHalves = (width: number, height: number): Sharp =>
  sharp({ create: { width: width / 2, height, channels: 3, background: '#f00' } }).extend({
    right: width / 2,
    background: '#00f',
  });

describe('an opened photo', () => {
  it('knows the size of the photo as people see it, whatever its EXIF orientation and however large it is', async () => {
    const turned = await twoHalves(1600, 800).jpeg().withMetadata({ orientation: 6 }).toBuffer();
    const photo = await decoder.open(turned);
    expect({ width: photo.width, height: photo.height }).toEqual({ width: 800, height: 1600 });
    // Turned to the right, what was left is at the top.
    const pixels = await photo.square(16);
    expect(pixels[2 * 3]).toBeGreaterThan(200);
    expect(pixels[(14 * 16 + 8) * 3 + 2]).toBeGreaterThan(200);
  });

  it('gives a part of itself as a square', async () => {
    const photo = await decoder.open(await twoHalves(400, 300).png().toBuffer());
    const right = await photo.square(8, [0.5, 0, 1, 1]);
    expect(right).toHaveLength(8 * 8 * 3);
    for (let pixel = 0; pixel < right.length; pixel += 3) {
      expect([...right.subarray(pixel, pixel + 3)]).toEqual([0, 0, 255]);
    }
    const { whole, middle } = await photo.views(8, [0.5, 0, 1, 1]);
    expect([whole, middle]).toEqual([right, right]);
  });

  it('gives at least one pixel of a box that is smaller', async () => {
    const photo = await decoder.open(await twoHalves(10, 10).png().toBuffer());
    expect(await photo.square(4, [0.999, 0.999, 1, 1])).toHaveLength(4 * 4 * 3);
  });
});
