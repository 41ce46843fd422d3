/** A decoded photo, from which squares for networks are cut. */

import type { Box } from './box.ts';
import { mirroredMiddle } from './mirrored-middle.ts';
import { sharp } from './sharp.ts';

export interface PhotoViews {
  readonly whole: Uint8Array;
  /** The middle of the photo, mirrored. The edges are usually background. */
  readonly middle: Uint8Array;
}

export interface UprightPhoto {
  /** Of the upright photo as it was sent, in pixels. */
  readonly width: number;
  readonly height: number;
  /**
   * The photo, or a part of it, stretched to a square.
   * @returns RGB, 8 bit, interleaved, `side * side * 3` bytes.
   */
  square(side: number, box?: Box): Promise<Uint8Array>;
  /** The two views that a photo, or a part of it, is searched by, each in the form that `square` returns. */
  views(side: number, box?: Box): Promise<PhotoViews>;
}

/** What was decoded. */
export interface DecodedPixels {
  /** RGB, 8 bit, interleaved. */
  readonly pixels: Uint8Array;
  /** Size of `pixels`. */
  readonly width: number;
  readonly height: number;
}

/**
 * @param decoded upright, on white, sRGB; it may be smaller than the photo.
 * @param size of the upright photo as it was sent.
 */
export function createUprightPhoto(
  decoded: DecodedPixels,
  size: { readonly width: number; readonly height: number },
): UprightPhoto {
  const { pixels, width, height } = decoded;

  async function square(side: number, box?: Box): Promise<Uint8Array> {
    const image = sharp(pixels, { raw: { width, height, channels: 3 } });
    if (box) image.extract(regionOf(box, decoded));
    const resized = await image.resize(side, side, { fit: 'fill' }).raw().toBuffer();
    if (resized.length !== side * side * 3) {
      throw new Error(`Expected ${side * side * 3} bytes of pixels from sharp, got ${resized.length}.`);
    }
    return resized;
  }

  return {
    ...size,
    square,
    async views(side, box) {
      const whole = await square(side, box);
      return { whole, middle: await mirroredMiddle(whole, side) };
    },
  };
}

// --- Internal helpers ---

/** At least one pixel, whatever the box. */
function regionOf(
  [left, top, right, bottom]: Box,
  { width, height }: DecodedPixels,
): { left: number; top: number; width: number; height: number } {
  const x = Math.min(width - 1, Math.max(0, Math.round(left * width)));
  const y = Math.min(height - 1, Math.max(0, Math.round(top * height)));
  return {
    left: x,
    top: y,
    width: Math.max(1, Math.min(width, Math.round(right * width)) - x),
    height: Math.max(1, Math.min(height, Math.round(bottom * height)) - y),
  };
}
