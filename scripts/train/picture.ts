/** Pictures as plain pixels. */

import { sharp } from '../../src/photo/sharp.ts';

/** RGB, 8 bit, interleaved. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export async function decodePicture(
  bytes: Uint8Array,
  size?: { readonly width: number; readonly height: number },
): Promise<Picture> {
  let image = sharp(bytes).flatten({ background: '#fff' }).toColourspace('srgb');
  if (size) image = image.resize(size.width, size.height, { fit: 'fill' });
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

/** Resized with the same filter as in the product. */
export async function resized(picture: Picture, width: number, height: number): Promise<Picture> {
  const data = await raw(picture).resize(width, height, { fit: 'fill' }).raw().toBuffer();
  return { width, height, data };
}

/** Blurred by `sigma` pixels (0: not blurred), then compressed as a JPEG of this quality (undefined: not compressed). */
export async function degraded(
  picture: Picture,
  sigma: number,
  quality: number | undefined,
): Promise<Picture> {
  if (sigma < 0.3 && quality === undefined) return picture;
  let image = raw(picture);
  if (sigma >= 0.3) image = image.blur(sigma);
  if (quality === undefined) return { ...picture, data: await image.raw().toBuffer() };
  return decodePicture(await image.jpeg({ quality }).toBuffer());
}

/** @param box in pixels, inside the picture. */
export function cropped(
  { width, data }: Picture,
  box: { readonly left: number; readonly top: number; readonly width: number; readonly height: number },
): Picture {
  const result = new Uint8Array(box.width * box.height * 3);
  for (let y = 0; y < box.height; y++) {
    const start = ((box.top + y) * width + box.left) * 3;
    result.set(data.subarray(start, start + box.width * 3), y * box.width * 3);
  }
  return { width: box.width, height: box.height, data: result };
}

export function mirrored({ width, height, data }: Picture): Picture {
  const result = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [from, to] = [(y * width + x) * 3, (y * width + width - 1 - x) * 3];
      for (let channel = 0; channel < 3; channel++) result[to + channel] = data[from + channel]!;
    }
  }
  return { width, height, data: result };
}

// --- Internal helpers ---

function raw({ width, height, data }: Picture) {
  return sharp(data, { raw: { width, height, channels: 3 } });
}
