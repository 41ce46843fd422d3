import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { createPhotoDecoder } from '../../src/photo/decode-photo.ts';
import { pngChunk, withChunks } from './photo-files.ts';

const SIDE = 64;
const decoder = createPhotoDecoder();
const decode = async (photo: Uint8Array): Promise<Uint8Array> => decoder.decode(photo, { side: SIDE });

/** A picture with soft shapes of several colours, so that a shift or a missing part shows. */
function drawing(width = 240, height = 320): Sharp {
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      pixels.set(
        [(x * 255) / width, (y * 255) / height, 128 + 100 * Math.sin(x / 20) * Math.cos(y / 25)].map(
          Math.round,
        ),
        (y * width + x) * 3,
      );
    }
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

const jpeg = await drawing().jpeg().toBuffer();
const progressive = await drawing().jpeg({ progressive: true }).toBuffer();
const SOS = Buffer.of(0xff, 0xda);

/** Changes the header of the first scan. */
function withScanHeader(photo: Buffer, range: readonly number[]): Buffer {
  const changed = Buffer.from(photo);
  const scan = changed.indexOf(SOS);
  const length = changed.readUInt16BE(scan + 2);
  changed.set(range, scan + 2 + length - 3);
  return changed;
}

function insertedAt(photo: Buffer, at: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([photo.subarray(0, at), bytes, photo.subarray(at)]);
}

/** The end of the segment that begins with this marker. */
function endOf(photo: Buffer, marker: number): number {
  const at = photo.indexOf(Buffer.of(0xff, marker));
  return at + 2 + photo.readUInt16BE(at + 2);
}

describe('a JPEG of which all pixels are there', () => {
  it.each<[string, Buffer, Buffer]>([
    ['a wrong spectral end in a baseline scan', withScanHeader(jpeg, [0, 0, 0]), jpeg],
    ['a wrong spectral start and bits', withScanHeader(jpeg, [1, 5, 0x21]), jpeg],
    [
      'stray bytes after its tables',
      insertedAt(jpeg, endOf(jpeg, 0xdb), Buffer.from([0, 1, 2, 0xff, 0, 7])),
      jpeg,
    ],
    ['stray bytes before its scan', insertedAt(jpeg, jpeg.indexOf(SOS), Buffer.alloc(300)), jpeg],
    ['no end-of-image marker', jpeg.subarray(0, -2), jpeg],
    ['half an end-of-image marker', jpeg.subarray(0, -1), jpeg],
    ['no end-of-image marker, progressive', progressive.subarray(0, -2), progressive],
    ['bytes after its end', Buffer.concat([jpeg, Buffer.from('SEFT trailer')]), jpeg],
  ])('is read with %s', async (_, photo, whole) => {
    expect(await decode(photo)).toEqual(await decode(whole));
    expect((await decoder.tile(photo)).length).toBeGreaterThan(0);
  });

  it('is stored as a tile only in a form that every viewer reads', async () => {
    const small = await drawing(60, 80).jpeg().toBuffer();
    expect(await decoder.tile(small)).toBe(small);
    const odd = withScanHeader(small, [0, 0, 0]);
    const tile = await decoder.tile(odd);
    expect(Buffer.from(tile).equals(odd)).toBe(false);
    expect((await sharp(tile).metadata()).width).toBe(60);
  });
});

describe('a JPEG that is cut off', () => {
  it.each([10, 100, 1_000])('by %i bytes is still refused', async (bytes) => {
    await expect(decode(jpeg.subarray(0, -bytes))).rejects.toMatchObject({ problem: 'photo-damaged' });
  });

  it('between two scans of a progressive file is refused, because its details are missing', async () => {
    const last = progressive.lastIndexOf(SOS);
    await expect(decode(progressive.subarray(0, last))).rejects.toMatchObject({ problem: 'photo-damaged' });
  });

  it('within its header is refused', async () => {
    await expect(decode(jpeg.subarray(0, jpeg.indexOf(SOS) + 6))).rejects.toMatchObject({
      problem: 'photo-damaged',
    });
  });
});

describe('an animated AVIF', () => {
  it('is read as its first frame', async () => {
    const still = await drawing().avif({ quality: 80 }).toBuffer();
    // Of an animation, the file names the brand of sequences first, and holds its first frame as a still.
    const animated = Buffer.from(still);
    animated.write('avis', 8, 'latin1');
    expect(await decode(animated)).toEqual(await decode(still));
  });
});

describe('an HDR photo', () => {
  /** SMPTE ST 2084, of light in cd/m². */
  const pq = (nits: number): number => {
    const y = Math.pow(nits / 10_000, 2610 / 16384);
    const [c1, c2, c3] = [3424 / 4096, (2413 / 4096) * 32, (2392 / 4096) * 32];
    return Math.pow((c1 + c2 * y) / (1 + c3 * y), (2523 / 4096) * 128);
  };
  const linear = (signal: number): number =>
    signal <= 0.04045 ? signal / 12.92 : Math.pow((signal + 0.055) / 1.055, 2.4);
  /** Rows of BT.2407 from the primaries of BT.709 to those of BT.2020. */
  const WIDE = [0.6274, 0.3293, 0.0433, 0.0691, 0.9195, 0.0114, 0.0164, 0.088, 0.8956];

  /** The drawing as 16-bit PNG in BT.2020 with the PQ curve, its white at so many cd/m². */
  async function hdrPng(white: number, transfer = 16): Promise<Buffer> {
    const { data, info } = await drawing().raw().toBuffer({ resolveWithObject: true });
    const encoded = new Uint16Array(data.length);
    for (let at = 0; at < data.length; at += 3) {
      const rgb = [0, 1, 2].map((channel) => linear(data[at + channel]! / 255));
      for (let row = 0; row < 3; row++) {
        const light = rgb.reduce((sum, value, column) => sum + WIDE[row * 3 + column]! * value, 0);
        encoded[at + row] = Math.round(65_535 * pq(Math.max(0, light) * white));
      }
    }
    const raw = { width: info.width, height: info.height, channels: 3 as const };
    const png = await sharp(encoded, { raw }).toColourspace('rgb16').png().toBuffer();
    return withChunks(png, [pngChunk('cICP', Buffer.of(9, transfer, 0, 1))]);
  }

  const difference = (a: Uint8Array, b: Uint8Array): number =>
    a.reduce((sum, value, at) => sum + Math.abs(value - b[at]!), 0) / a.length;

  it('with the PQ curve looks like its ordinary twin', async () => {
    const twin = await decode(await drawing().png().toBuffer());
    expect(difference(await decode(await hdrPng(203)), twin)).toBeLessThan(1);
  });

  it('that is brighter than white keeps its shadows, and compresses its lights instead of clipping them', async () => {
    const bright = await decode(await hdrPng(1_000));
    expect(new Set(bright).size).toBeGreaterThan(100);
    expect(Math.max(...bright)).toBeLessThanOrEqual(255);
    // Where light is brighter than white, it still rises from left to right.
    const row = 63 * SIDE * 3;
    const reds = Array.from({ length: SIDE }, (_, x) => bright[row + x * 3]!);
    expect(reds.slice(SIDE / 2).every((red, x, all) => x === 0 || red >= all[x - 1]!)).toBe(true);
    expect(new Set(reds.slice(SIDE / 2)).size).toBeGreaterThan(10);
  });

  it('makes a tile too', async () => {
    const tile = await decoder.tile(await hdrPng(203));
    const { width, format, space } = await sharp(tile).metadata();
    expect([width, format, space]).toEqual([240, 'jpeg', 'srgb']);
  });

  it('with the HLG curve is brighter than the signal alone, which is how it is displayed', async () => {
    const pixels = await decode(await hdrPng(203, 18));
    expect(new Set(pixels).size).toBeGreaterThan(50);
  });

  it('is told from a 16-bit photo without such a curve', async () => {
    const plain = await drawing().toColourspace('rgb16').png().toBuffer();
    const named = withChunks(plain, [pngChunk('cICP', Buffer.of(1, 13, 0, 1))]);
    expect(await decode(named)).toEqual(await decode(plain));
  });
});
