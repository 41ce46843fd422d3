import { describe, expect, it } from 'vitest';
import { deflateSync, gzipSync } from 'node:zlib';
import { InputError, type InputProblem } from '../../src/util/errors.ts';
import { createPhotoDecoder } from '../../src/photo/decode-photo.ts';
import {
  blackPng,
  createRandom,
  isoMedia,
  manyScans,
  plain,
  png,
  pngChunk,
  RED,
  textured,
  withChunks,
  withSegment,
} from './photo-files.ts';

const decoder = createPhotoDecoder({ concurrency: 2 });

/** The error that a person would get; also checks that both methods throw the same one. */
async function refusalOf(bytes: Uint8Array, by = decoder): Promise<InputError> {
  const failures = await Promise.all(
    [by.decode(bytes, { side: 32 }), by.tile(bytes)].map((result) =>
      result.then(
        () => undefined,
        (error: unknown) => error,
      ),
    ),
  );
  const [first, second] = failures;
  if (!(first instanceof InputError) || !(second instanceof InputError)) {
    throw new Error(`Expected two InputErrors, got ${String(first)} and ${String(second)}.`);
  }
  expect(second.message).toBe(first.message);
  expect(first.message).toMatch(/(Send|Choose|Save|Open) /); // Says what to do.
  expect(first.message).not.toMatch(/input|buffer|vips|heif|header|\//i);
  return first;
}

describe('a file that is refused', () => {
  const refused: [string, InputProblem, RegExp, () => Uint8Array | Promise<Uint8Array>][] = [
    ['an empty file', 'photo-empty', /empty file/, () => new Uint8Array()],
    ['13 MB', 'photo-too-large', /is 13 MB; .* is 12 MB/, () => Buffer.alloc(13_000_000, 'a')],
    ['one byte too many', 'photo-too-large', /is 12\.1 MB; .* is 12 MB/, () => Buffer.alloc(12_000_001)],
    ['text', 'photo-not-an-image', /got text/, () => Buffer.from('BMW, my new outfit, été\n')],
    ['UTF-16 text', 'photo-not-an-image', /got text/, () => Buffer.from('\ufeffoutfit', 'utf16le')],
    ['a web page', 'photo-not-an-image', /got text/, () => Buffer.from('<!doctype html><p>404')],
    ['a PDF', 'photo-not-an-image', /a PDF file/, () => Buffer.from('%PDF-1.7\n1 0 obj')],
    ['a ZIP', 'photo-not-an-image', /a ZIP file/, () => Buffer.from(`PK\x03\x04${'\0'.repeat(60)}`)],
    ['a GZIP', 'photo-not-an-image', /a GZ file/, () => gzipSync('photo')],
    ['an MP4', 'photo-not-an-image', /an MP4 video/, () => isoMedia('isom', 'isom', 'mp41')],
    ['rubbish', 'photo-not-an-image', /of an unknown kind/, () => Buffer.alloc(1000, 7)],
    ['two bytes of a JPEG', 'photo-not-an-image', /of an unknown kind/, () => Buffer.from([0xff, 0xd8])],
    [
      'a HEIC',
      'photo-unsupported-format',
      /HEIC picture.*Most Compatible/,
      () => isoMedia('heic', 'mif1', 'heic'),
    ],
    ['a HEIF', 'photo-unsupported-format', /HEIC picture.*JPEG/, () => isoMedia('mif1', 'mif1', 'heic')],
    [
      'an SVG',
      'photo-unsupported-format',
      /an SVG drawing.*screenshot/,
      () =>
        Buffer.from('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
    ],
    [
      'a TIFF',
      'photo-unsupported-format',
      /a TIF picture.*Save it as JPEG/,
      () => plain(RED).tiff().toBuffer(),
    ],
    ['a BMP', 'photo-unsupported-format', /a BMP picture/, () => Buffer.from(`BM${'\0'.repeat(60)}`)],
    [
      'a PNG of 0 x 0',
      'photo-damaged',
      /a complete PNG/,
      () => png([pngChunk('IHDR', Buffer.alloc(13)), pngChunk('IEND')]),
    ],
    ['an AVIF without a picture', 'photo-damaged', /a complete AVIF/, () => isoMedia('mif1', 'mif1', 'avif')],
    [
      '256 megapixels',
      'photo-too-many-pixels',
      /16000 x 16000 = 256 megapixels; .* is 50 as PNG/,
      () => blackPng(16_000, 16_000),
    ],
    [
      'a GIF of 36 megapixels',
      'photo-too-many-pixels',
      /6000 x 6000 = 36 megapixels; .* is 16 as GIF/,
      () => plain(RED, 6000, 6000).gif().toBuffer(),
    ],
    [
      'an AVIF of 16.4 megapixels',
      'photo-too-many-pixels',
      /= 16\.4 megapixels; .* is 16 as AVIF/,
      () => plain(RED, 4096, 4000).avif({ effort: 0 }).toBuffer(),
    ],
    [
      'a progressive JPEG of 30 megapixels',
      'photo-too-many-pixels',
      /is 25 as progressive JPEG/,
      () => plain(RED, 6000, 5000).jpeg({ progressive: true }).toBuffer(),
    ],
    ['a PNG of 1 x 30,000', 'photo-too-many-pixels', /1 x 30000 pixels; .* 20000/, () => blackPng(1, 30_000)],
    ['a JPEG of 300 passes', 'photo-too-slow', /in \d+ passes.* is 100/, () => manyScans(300)],
  ];
  it.each(refused)('%s is %s', async (_, problem, message, make) => {
    const refusal = await refusalOf(await make());
    expect(refusal.problem).toBe(problem);
    expect(refusal.message).toMatch(message);
  });

  it.each(['jpeg', 'png', 'webp', 'gif', 'avif'] as const)(
    'a %s that is cut off is damaged',
    async (format) => {
      const whole = await textured(150, 100).toFormat(format).toBuffer();
      await expect(decoder.decode(whole, { side: 32 })).resolves.toHaveLength(32 * 32 * 3);
      for (const part of [0.1, 0.5, 0.95]) {
        expect((await refusalOf(whole.subarray(0, whole.length * part))).problem).toBe('photo-damaged');
      }
    },
  );

  it('that takes too long to decode is too slow', async () => {
    // 30 million rows of one pixel take several seconds.
    const patient = createPhotoDecoder({ concurrency: 2, limits: { seconds: 1, side: 30_000_000 } });
    const slow = patient.decode(blackPng(1, 30_000_000), { side: 160 });
    await expect(slow).rejects.toMatchObject({
      problem: 'photo-too-slow',
      message: expect.stringMatching(/more than 1 s .*Send a smaller version/) as string,
    });
  });

  it('never fails more than its own call, however it is broken', async () => {
    const random = createRandom(42);
    for (const format of ['jpeg', 'png', 'webp', 'gif', 'avif'] as const) {
      const whole = await textured(40, 30).toFormat(format).toBuffer();
      for (let n = 0; n < 60; n++) {
        const broken = Buffer.from(whole);
        for (let flips = 0; flips < 4; flips++) {
          // Every other flip hits the header, which is small.
          const reach = flips % 2 ? broken.length : Math.min(120, broken.length);
          broken[Math.floor(random() * reach)] = Math.floor(random() * 256);
        }
        const results = await Promise.allSettled([
          decoder.decode(broken, { side: 32 }),
          decoder.tile(broken),
        ]);
        for (const result of results) {
          if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(InputError);
        }
      }
    }
  });
});

describe('a file that looks dangerous but is a photo', () => {
  it('may be a progressive JPEG of a few more passes than usual', async () => {
    await expect(decoder.decode(await manyScans(50), { side: 32 })).resolves.toHaveLength(32 * 32 * 3);
  });

  it('may hold metadata that looks like passes', async () => {
    const photo = await plain(RED).jpeg().toBuffer();
    const looksLikeScans = withSegment(photo, 0xe5, Buffer.alloc(1000, Buffer.from([0xff, 0xda])));
    await expect(decoder.decode(looksLikeScans, { side: 32 })).resolves.toHaveLength(32 * 32 * 3);
  });

  it('may hold text that would expand to gigabytes, which is not decompressed', async () => {
    const text = pngChunk(
      'zTXt',
      Buffer.concat([Buffer.from('k\0\0'), deflateSync(Buffer.alloc(7_000_000, 'a'))]),
    );
    const photo = withChunks(await plain(RED).png().toBuffer(), Array<Buffer>(300).fill(text));
    const before = process.resourceUsage().maxRSS;
    await expect(decoder.decode(photo, { side: 32 })).resolves.toHaveLength(32 * 32 * 3);
    expect((process.resourceUsage().maxRSS - before) / 1000).toBeLessThan(300); // In MB; 2,000 if the text is decompressed.
  });
});
