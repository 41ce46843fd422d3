import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OperatorError } from '../../src/util/errors.ts';
import { createPictureStore } from '../../src/catalogue/picture-store.ts';
import { canMount, mountSmallDisk } from '../small-disk.ts';

const digestOf = (name: string): string => createHash('sha256').update(name).digest('hex');
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pictures-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the picture store', () => {
  it('gives back what was written, also to another process that opens the folder later', async () => {
    const digest = digestOf('shirt');
    await createPictureStore({ folder }).write(digest, bytesOf('a tile'));
    const pictures = createPictureStore({ folder });
    expect(await pictures.has(digest)).toBe(true);
    expect(await pictures.read(digest)).toEqual(Buffer.from('a tile'));
    expect(await readdir(folder)).toEqual([digest.slice(0, 2)]);
    expect(await readdir(join(folder, digest.slice(0, 2)))).toEqual([`${digest}.jpg`]);
  });

  it('has nothing of a picture that was never written', async () => {
    const pictures = createPictureStore({ folder: join(folder, 'not made yet') });
    expect(await pictures.has(digestOf('hat'))).toBe(false);
    expect(await pictures.read(digestOf('hat'))).toBeUndefined();
    await pictures.delete(digestOf('hat'));
  });

  it('makes its folder at the first write', async () => {
    const pictures = createPictureStore({ folder: join(folder, 'not', 'made', 'yet') });
    await pictures.write(digestOf('hat'), bytesOf('a tile'));
    expect(await pictures.has(digestOf('hat'))).toBe(true);
  });

  it('replaces and deletes', async () => {
    const pictures = createPictureStore({ folder });
    const digest = digestOf('dress');
    await pictures.write(digest, bytesOf('old'));
    await pictures.write(digest, bytesOf('new'));
    expect(await pictures.read(digest)).toEqual(Buffer.from('new'));
    await pictures.delete(digest);
    expect(await pictures.has(digest)).toBe(false);
  });

  it('takes many writes at once, also of the same picture', async () => {
    const pictures = createPictureStore({ folder });
    const digests = Array.from({ length: 300 }, (_, n) => digestOf(String(n % 100)));
    await Promise.all(digests.map((digest) => pictures.write(digest, bytesOf(digest))));
    for (const digest of digests) expect(await pictures.read(digest)).toEqual(Buffer.from(digest));
    const files = await readdir(folder, { recursive: true });
    expect(files.filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('takes an empty file, as a power cut may leave it, for a missing one', async () => {
    const pictures = createPictureStore({ folder });
    const digest = digestOf('shoes');
    await pictures.write(digest, bytesOf('a tile'));
    await writeFile(join(folder, digest.slice(0, 2), `${digest}.jpg`), '');
    expect(await pictures.has(digest)).toBe(false);
    expect(await pictures.read(digest)).toBeUndefined();
  });

  it.each([
    '',
    '../../etc/passwd',
    'ab',
    digestOf('x').toUpperCase(),
    `${digestOf('x')}\n`,
    `${digestOf('x')}/..`,
  ])('refuses %j as a digest', async (digest) => {
    const pictures = createPictureStore({ folder });
    await expect(pictures.read(digest)).rejects.toThrow(RangeError);
    await expect(pictures.has(digest)).rejects.toThrow(RangeError);
    await expect(pictures.write(digest, bytesOf('a tile'))).rejects.toThrow(RangeError);
    await expect(pictures.delete(digest)).rejects.toThrow(RangeError);
  });

  it('says what to do when a file is in the way of its folder', async () => {
    await writeFile(join(folder, 'file'), '');
    const pictures = createPictureStore({ folder: join(folder, 'file') });
    await expect(pictures.write(digestOf('x'), bytesOf('a tile'))).rejects.toThrow(OperatorError);
  });
});

describe.skipIf(!canMount)('the picture store on a bad disk (needs Linux as root)', () => {
  it('says that the disk is full, and keeps what it has', async () => {
    const disk = mountSmallDisk(folder, 256);
    try {
      const pictures = createPictureStore({ folder: disk.path });
      const kept = digestOf('kept');
      await pictures.write(kept, bytesOf('a tile'));
      const tooLarge = new Uint8Array(400_000);
      await expect(pictures.write(digestOf('large'), tooLarge)).rejects.toThrow(
        /disk .* full\..* kept\. Free some space/,
      );
      await expect(pictures.write(kept, tooLarge)).rejects.toThrow(OperatorError);
      expect(await pictures.read(kept)).toEqual(Buffer.from('a tile'));
      expect(await pictures.has(digestOf('large'))).toBe(false);
      await pictures.write(digestOf('small'), bytesOf('a tile')); // nothing half-written is left to fill the disk
    } finally {
      disk.unmount();
    }
  });

  it('says that a read-only folder must be writable', async () => {
    const disk = mountSmallDisk(folder, 64, 'ro');
    try {
      const pictures = createPictureStore({ folder: disk.path });
      await expect(pictures.write(digestOf('x'), bytesOf('a tile'))).rejects.toThrow(
        /EROFS.*mount it writable/,
      );
    } finally {
      disk.unmount();
    }
  });
});
