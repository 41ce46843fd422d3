import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import sharp from 'sharp';
import { createPhotoDecoder, TILE_BYTES, TILE_HEIGHT, TILE_WIDTH } from '../../src/photo/decode-photo.ts';
import { hasShared, sharedPath } from '../shared-data.ts';

const SIDE = 160;
const PER_CLASS = 3;

async function photosOf(folder: string): Promise<string[]> {
  const names = await readdir(sharedPath(folder));
  return names.filter((name) => /\.jpe?g$/.test(name)).map((name) => sharedPath(folder, name));
}

async function samples(): Promise<string[]> {
  const folders = await readdir(sharedPath('photos-validation'), { withFileTypes: true });
  const classes = folders.filter((entry) => entry.isDirectory());
  const found = await Promise.all(classes.map(({ name }) => photosOf(`photos-validation/${name}`)));
  return found.flatMap((photos) => photos.slice(0, PER_CLASS));
}

describe.skipIf(!hasShared)('real photos (needs ../shared, which is absent)', () => {
  it('all decode to the square and to tiles', { timeout: 60_000 }, async () => {
    const photos = [...(await photosOf('photos')), ...(await samples())];
    expect(photos).toHaveLength(13 + 10 * PER_CLASS);
    const decoder = createPhotoDecoder();
    for (const photo of photos) {
      const bytes = await readFile(photo);
      const [pixels, tile] = await Promise.all([decoder.decode(bytes, { side: SIDE }), decoder.tile(bytes)]);
      expect(pixels, photo).toHaveLength(SIDE * SIDE * 3);
      expect(tile.length, photo).toBeLessThanOrEqual(TILE_BYTES);
      const { width, height, format } = await sharp(tile).metadata();
      expect(format).toBe('jpeg');
      expect(width / TILE_WIDTH, photo).toBeLessThanOrEqual(1);
      expect(height / TILE_HEIGHT, photo).toBeLessThanOrEqual(1);
    }
  });
});
