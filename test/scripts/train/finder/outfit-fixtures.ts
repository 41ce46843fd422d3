/** A labelled outfit photo, in memory and as files of the data set. */

import { deflateSync } from 'node:zlib';
import { classesOfLabels } from '../../../../scripts/train/finder/label-classes.ts';
import type { Scene } from '../../../../scripts/train/finder/outfit-photos.ts';
import { sharp } from '../../../../src/photo/sharp.ts';
import { zipOf } from '../../../sources/fixtures.ts';

export const LABELS = ['null', 'blouse', 'skin', 'boots', 'scarf', 'suit'];
const COLOURS = [[0, 0, 0], [200, 10, 10], [220, 180, 150], [40, 40, 40], [10, 200, 10], [90, 90, 200]] as const; // prettier-ignore
/** The pixel class of each label. */
export const PLACES = classesOfLabels(LABELS);

/**
 * A grey street with a person in its middle: head, blouse, boots.
 * @param codes what stands for each label in `classes`; default: its pixel class.
 */
export function street(codes: ArrayLike<number> = PLACES): Scene {
  const [width, height] = [60, 90];
  const data = new Uint8Array(width * height * 3).fill(150);
  const classes = new Uint8Array(width * height);
  const paint = (top: number, bottom: number, label: number): void => {
    for (let y = top; y < bottom; y++) {
      for (let x = 22; x < 38; x++) {
        data.set(COLOURS[label]!, (y * width + x) * 3);
        classes[y * width + x] = codes[label]!;
      }
    }
  };
  paint(10, 20, 2);
  paint(20, 60, 1);
  paint(60, 80, 3);
  return { width, height, data, classes };
}

/** The street with the place of each pixel's label. */
export function labelledStreet(): Scene {
  return street(LABELS.map((_, n) => n));
}

/** The street as `outfit-photos.zip`. @param names of its photos. */
export async function photosZip(names: readonly string[]): Promise<string> {
  const { width, height, data, classes } = labelledStreet();
  const raw = { width, height, channels: 3 } as const;
  const png = indexedPng(classes, COLOURS, width);
  const jpeg = await sharp(data, { raw }).jpeg({ quality: 95 }).toBuffer();
  const files: Record<string, string | Uint8Array> = { 'labels.json': JSON.stringify(LABELS) };
  for (const name of names) {
    files[`photos/${name}.jpg`] = jpeg;
    files[`labels/${name}.png`] = png;
  }
  return zipOf(files, 'outfit-photos.zip');
}

// --- Internal helpers ---

/** A PNG of 8-bit palette indices, which sharp cannot write with a palette of ours (PNG specification, third edition). */
function indexedPng(indices: Uint8Array, palette: readonly (readonly number[])[], width: number): Buffer {
  const height = indices.length / width;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8); // 8 bit, indexed
  const rows = Array.from({ length: height }, (_, y) => [0, ...indices.subarray(y * width, (y + 1) * width)]);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flat())),
    chunk('IDAT', deflateSync(Buffer.from(rows.flat()))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  let crc = 0xffffffff;
  for (const byte of body) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE((crc ^ 0xffffffff) >>> 0);
  return Buffer.concat([length, body, checksum]);
}
