/** Generates photos of every kind, good and bad. */

import { deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';

export type Rgb = readonly [number, number, number];

export const RED: Rgb = [200, 60, 80];
export const BLUE: Rgb = [40, 70, 190];

/** A picture of one colour. */
export function plain([r, g, b]: Rgb, width = 64, height = 48): Sharp {
  return sharp({ create: { width, height, channels: 3, background: { r, g, b } }, limitInputPixels: false });
}

/** A picture of noise, which hardly compresses; the same every time. */
export function textured(width: number, height: number): Sharp {
  const random = createRandom(7);
  const pixels = Buffer.alloc(width * height * 3);
  for (let n = 0; n < pixels.length; n++) pixels[n] = Math.floor(random() * 256);
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

/** Pseudo-random numbers from 0 to 1, determined by the seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A black PNG of one bit per pixel: megapixels in a few kilobytes. */
export function blackPng(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const rows = Buffer.alloc((1 + Math.ceil(width / 8)) * height);
  return png([pngChunk('IHDR', header), pngChunk('IDAT', deflateSync(rows, { level: 1 })), pngChunk('IEND')]);
}

export function png(chunks: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...chunks]);
}

export function pngChunk(type: string, data: Uint8Array = new Uint8Array()): Buffer {
  const content = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const chunk = Buffer.alloc(8 + content.length);
  chunk.writeUInt32BE(data.length, 0);
  content.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(content), 4 + content.length);
  return chunk;
}

/** A PNG with additional chunks after its header. */
export function withChunks(picture: Buffer, chunks: readonly Buffer[]): Buffer {
  const headerEnd = 8 + 12 + 13;
  return Buffer.concat([picture.subarray(0, headerEnd), ...chunks, picture.subarray(headerEnd)]);
}

/** Inserts a segment after the start of a JPEG. */
export function withSegment(picture: Buffer, marker: number, content: Uint8Array): Buffer {
  const length = content.length + 2;
  return Buffer.concat([
    picture.subarray(0, 2),
    Buffer.from([0xff, marker, length >> 8, length & 0xff]),
    content,
    picture.subarray(2),
  ]);
}

/** A progressive JPEG that repeats the (empty) fine detail of its first component many times. */
export async function manyScans(repeats: number): Promise<Buffer> {
  const picture = await plain(RED).jpeg({ progressive: true }).toBuffer();
  const second = picture.indexOf(SOS, picture.indexOf(SOS) + 2);
  const scan = Buffer.from(picture.subarray(second, picture.indexOf(HUFFMAN_TABLE, second)));
  // Frequencies 1 to 63 at full precision, which may be sent any number of times without a warning.
  scan.set([1, 63, 0], 7);
  return Buffer.concat([
    picture.subarray(0, second),
    ...Array<Buffer>(repeats).fill(scan),
    picture.subarray(-2),
  ]);
}

/** The first box of an ISO media file, which alone distinguishes HEIC, AVIF and MP4. */
export function isoMedia(main: string, ...compatible: string[]): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(16 + 4 * compatible.length);
  return Buffer.concat([size, Buffer.from(`ftyp${main}\0\0\0\0${compatible.join('')}`), Buffer.alloc(200)]);
}

/** The pixel at a position given as shares of the sides, 0 to 1. */
export function pixelAt(pixels: Uint8Array, side: number, x: number, y: number): number[] {
  const at = (Math.floor(y * (side - 1)) * side + Math.floor(x * (side - 1))) * 3;
  return [...pixels.subarray(at, at + 3)];
}

/** The largest difference of any channel. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((most, value, n) => Math.max(most, Math.abs(value - (b[n] ?? NaN))), 0);
}

// --- Internal helpers ---

const SOS = Buffer.from([0xff, 0xda]);
const HUFFMAN_TABLE = Buffer.from([0xff, 0xc4]);

/** CRC-32 as PNG uses it; Node 20.9 does not have it built in. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  }
  return ~crc >>> 0;
}
