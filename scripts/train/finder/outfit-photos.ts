/** Photos of people in outfits whose every pixel is labelled, split by photo so that training never sees the validation part. */

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { z } from 'zod';
import { OperatorError } from '../../../src/util/errors.ts';
import { openZipTree } from '../../../src/sources/zip-tree.ts';
import { sharp } from '../../../src/photo/sharp.ts';
import { decodePicture, type Picture } from '../picture.ts';
import { classesOfLabels } from './label-classes.ts';

export interface OutfitPhotos {
  /** Names of the photos, such as `0042`, in their order. */
  readonly names: readonly string[];
  /** The file as it is. */
  bytes(name: string): Promise<Uint8Array>;
  /** The names of all labels; the first one stands for nothing. */
  readonly labels: readonly string[];
  /** As `scene`, but the class of a pixel is the place of its label in `labels`; 0: nothing. */
  labelled(name: string, size?: { readonly width: number; readonly height: number }): Promise<Scene>;
  /** @param size to which it is stretched; default: its own. */
  scene(name: string, size?: { readonly width: number; readonly height: number }): Promise<Scene>;
  close(): Promise<void>;
}

/** A picture, and the class of each of its pixels. */
export interface Scene extends Picture {
  /** A place in `PIXEL_CLASSES`, or `UNKNOWN`. */
  readonly classes: Uint8Array;
}

/** The class of a pixel that says nothing: training leaves it out. */
export const UNKNOWN = 255;

const VALIDATION_SHARE = 0.2;
const MOST_BYTES = 4_000_000;

/** By the first four bytes of the SHA-256 of the photo's number: under a fifth of their range it is validated with, and never trained on. */
export function splitOfPhoto(name: string): 'train' | 'validation' {
  const number = String(Number(name));
  const share = createHash('sha256').update(number).digest().readUInt32BE(0) / 2 ** 32;
  return share < VALIDATION_SHARE ? 'validation' : 'train';
}

/** @throws {OperatorError} when there is no such file, or it holds no labelled photos. */
export async function openOutfitPhotos(path: string): Promise<OutfitPhotos> {
  if (!existsSync(path)) {
    throw new OperatorError(
      `There is no ${path}, whose labelled photos are needed. Name its folder with --data.`,
    );
  }
  const tree = await openZipTree(path);
  const labels = z
    .array(z.string())
    .parse(JSON.parse(Buffer.from(await tree.read('labels.json', MOST_BYTES)).toString()));
  const classes = classesOfLabels(labels);
  const names = tree.files.flatMap((file) => /^photos\/(\d+)\.jpg$/.exec(file)?.[1] ?? []);
  if (names.length === 0) {
    await tree.close();
    throw new OperatorError(`${path} holds no photos/NUMBER.jpg to learn from.`);
  }
  const bytes = (name: string): Promise<Uint8Array> => tree.read(`photos/${name}.jpg`, MOST_BYTES);
  const labelled: OutfitPhotos['labelled'] = async (name, size) => {
    const picture = await decodePicture(await bytes(name), size);
    const png = Buffer.from(await tree.read(`labels/${name}.png`, MOST_BYTES));
    return { ...picture, classes: await decodeIndices(png, picture) };
  };
  return {
    names,
    labels,
    bytes,
    labelled,
    async scene(name, size) {
      const picture = await labelled(name, size);
      return { ...picture, classes: picture.classes.map((index) => classes[index] ?? UNKNOWN) };
    },
    close: () => tree.close(),
  };
}

/**
 * The indices of a picture of 8-bit palette colours, which sharp gives as colours.
 * @param size to which it is stretched, pixel by pixel.
 * @throws {RangeError} when the file has no palette.
 */
export async function decodeIndices(
  png: Buffer,
  { width, height }: { readonly width: number; readonly height: number },
): Promise<Uint8Array> {
  const palette = paletteOf(png);
  const data = await sharp(png)
    .removeAlpha()
    .toColourspace('srgb')
    .resize(width, height, { fit: 'fill', kernel: 'nearest' })
    .raw()
    .toBuffer();
  return Uint8Array.from({ length: width * height }, (_, pixel) => {
    const colour = data.readUIntBE(pixel * 3, 3);
    return palette.get(colour) ?? UNKNOWN;
  });
}

// --- Internal helpers ---

/** Index by colour; of colours that are there twice, the first. */
function paletteOf(png: Buffer): Map<number, number> {
  for (let at = 8; at + 8 <= png.length;) {
    const length = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === 'PLTE') {
      const palette = new Map<number, number>();
      for (let index = 0; index < length / 3; index++) {
        const colour = png.readUIntBE(at + 8 + index * 3, 3);
        if (!palette.has(colour)) palette.set(colour, index);
      }
      return palette;
    }
    at += 12 + length; // length, name, checksum
  }
  throw new RangeError('Expected a PNG file with a palette.');
}
