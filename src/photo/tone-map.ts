/** Turns the wide range of light of an HDR photo into that of an ordinary one. */

import type { Sharp } from 'sharp';
import type { PhotoFormat } from './photo-format.ts';
import { sharp } from './sharp.ts';

/** How an HDR photo encodes light, by the code points of ITU-T H.273. */
export interface HdrEncoding {
  readonly transfer: 'pq' | 'hlg';
  /** 1: sRGB and BT.709, 9: BT.2020, 12: Display P3. */
  readonly primaries: number;
}

/**
 * Undefined for an ordinary photo. PNG says it in a `cICP` chunk, AVIF in a `colr` box. JPEGs of phones are ordinary photos with a
 * gain map beside them, which is not used.
 */
export function hdrEncoding(format: PhotoFormat, bytes: Uint8Array): HdrEncoding | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, HEAD_BYTES));
  if (format === 'png') {
    const at = head.indexOf('cICP');
    const pixels = head.indexOf('IDAT');
    if (at < 0 || (pixels >= 0 && pixels < at)) return undefined;
    return encodingOf(head[at + 4], head[at + 5]);
  }
  if (format === 'avif') {
    const at = head.indexOf('colrnclx');
    return at < 0 || at + 12 > head.length
      ? undefined
      : encodingOf(head.readUInt16BE(at + 8), head.readUInt16BE(at + 10));
  }
  return undefined;
}

/**
 * Light up to the reference white of 203 cd/m² (ITU-R BT.2408) keeps its place; brighter light is compressed into the little that
 * is left below white. The photo comes out at most 1,600 pixels wide and high, upright and without transparency.
 * @param image turns itself upright.
 * @returns an image of 8-bit sRGB.
 */
export async function toneMapped(
  image: Sharp,
  { transfer, primaries }: HdrEncoding,
  seconds: number,
): Promise<Sharp> {
  const white = Math.round(255 * (transfer === 'pq' ? PQ_WHITE : HLG_WHITE));
  const { data, info } = await image
    .timeout({ seconds })
    .resize(MOST_PIXELS, MOST_PIXELS, { fit: 'inside', withoutEnlargement: true })
    .flatten({ background: { r: white, g: white, b: white } })
    .toColourspace('rgb16')
    .raw({ depth: 'ushort' })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const encoded = new Uint16Array(data.buffer, data.byteOffset, data.length / 2);
  const light = lightOf(encoded, channels, transfer, MATRICES[primaries] ?? IDENTITY);
  return sharp(compress(light), { raw: { width, height, channels: 3 } });
}

// --- Internal helpers ---

const HEAD_BYTES = 64 * 1024;
const MOST_PIXELS = 1_600;

/** Signal of reference white, ITU-R BT.2408, table 1. */
const PQ_WHITE = 0.58;
const HLG_WHITE = 0.75;
const WHITE_NITS = 203;

const IDENTITY = [1, 0, 0, 0, 1, 0, 0, 0, 1];
/** To the primaries of sRGB, row by row; of BT.2020 from ITU-R BT.2407, of Display P3 from its primaries in SMPTE EG 432-1. */
const MATRICES: Readonly<Record<number, readonly number[] | undefined>> = {
  9: [1.6605, -0.5876, -0.0728, -0.1246, 1.1329, -0.0083, -0.0182, -0.1006, 1.1187],
  12: [1.2249, -0.2247, 0, -0.042, 1.0419, 0, -0.0197, -0.0786, 1.0979],
};

function encodingOf(primaries: number | undefined, transfer: number | undefined): HdrEncoding | undefined {
  if (primaries === undefined || (transfer !== 16 && transfer !== 18)) return undefined;
  return { transfer: transfer === 16 ? 'pq' : 'hlg', primaries };
}

/** Linear light in the primaries of sRGB, 1 for reference white; interleaved, three values a pixel. */
function lightOf(
  encoded: Uint16Array,
  channels: number,
  transfer: HdrEncoding['transfer'],
  matrix: readonly number[],
): Float32Array {
  const table = Float32Array.from({ length: 65_536 }, (_, value) =>
    (transfer === 'pq' ? pqLight : hlgLight)(value / 65_535),
  );
  const pixels = encoded.length / channels;
  const light = new Float32Array(pixels * 3);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const from = pixel * channels;
    let r = table[encoded[from]!]!;
    let g = table[encoded[channels < 3 ? from : from + 1]!]!;
    let b = table[encoded[channels < 3 ? from : from + 2]!]!;
    if (transfer === 'hlg') {
      // The system gamma of a display of 1,000 cd/m² (ITU-R BT.2100, table 5, note 5f), over the luminance.
      const gain = Math.pow(Math.max(0.2627 * r + 0.678 * g + 0.0593 * b, 1e-6), 0.2) * (1_000 / WHITE_NITS);
      r *= gain;
      g *= gain;
      b *= gain;
    }
    for (let row = 0; row < 3; row++) {
      light[pixel * 3 + row] = matrix[row * 3]! * r + matrix[row * 3 + 1]! * g + matrix[row * 3 + 2]! * b;
    }
  }
  return light;
}

/** SMPTE ST 2084, relative to reference white. */
function pqLight(signal: number): number {
  const [m1, m2, c1, c2, c3] = [
    2610 / 16384,
    (2523 / 4096) * 128,
    3424 / 4096,
    (2413 / 4096) * 32,
    (2392 / 4096) * 32,
  ];
  const power = Math.pow(signal, 1 / m2);
  return (Math.pow(Math.max(power - c1, 0) / (c2 - c3 * power), 1 / m1) * 10_000) / WHITE_NITS;
}

/** ITU-R BT.2100, table 5: scene light from 0 to 1. */
function hlgLight(signal: number): number {
  const [a, b, c] = [0.17883277, 0.28466892, 0.55991073];
  return signal <= 0.5 ? (signal * signal) / 3 : (Math.exp((signal - c) / a) + b) / 12;
}

/** Light up to this stays as it is, if anything in the photo is brighter than white. */
const KNEE = 0.8;
/** Share of the pixels that may be brighter than what is mapped to white. */
const CLIPPED_SHARE = 0.001;

/** Reinhard's curve (2002, equation 4) above the knee, up to the brightest light; sRGB, 8 bits. */
function compress(light: Float32Array): Uint8Array {
  const peak = peakOf(light);
  const range = (peak - KNEE) / (1 - KNEE);
  const pixels = new Uint8Array(light.length);
  for (let at = 0; at < light.length; at += 3) {
    const most = Math.max(light[at]!, light[at + 1]!, light[at + 2]!);
    const over = (most - KNEE) / (1 - KNEE);
    const mapped =
      peak <= 1 || over <= 0
        ? most
        : KNEE + (1 - KNEE) * ((over * (1 + over / (range * range))) / (1 + over));
    const scale = most > 0 ? mapped / most : 0;
    for (let channel = 0; channel < 3; channel++)
      pixels[at + channel] = Math.round(255 * srgbSignal(light[at + channel]! * scale));
  }
  return pixels;
}

/** The light that only `CLIPPED_SHARE` of the pixels exceed. */
function peakOf(light: Float32Array): number {
  const counts = new Uint32Array(2_048);
  const step = 10_000 / WHITE_NITS / counts.length;
  for (let at = 0; at < light.length; at += 3) {
    const most = Math.max(light[at]!, light[at + 1]!, light[at + 2]!, 0);
    counts[Math.min(counts.length - 1, Math.floor(most / step))]!++;
  }
  let above = 0;
  for (let bin = counts.length - 1; bin > 0; bin--) {
    above += counts[bin]!;
    if (above > (light.length / 3) * CLIPPED_SHARE) return (bin + 1) * step;
  }
  return step;
}

/** IEC 61966-2-1. */
function srgbSignal(light: number): number {
  const clipped = Math.min(Math.max(light, 0), 1);
  return clipped <= 0.0031308 ? 12.92 * clipped : 1.055 * Math.pow(clipped, 1 / 2.4) - 0.055;
}
