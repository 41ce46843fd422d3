/** The second look at a photo. */

import { sharp } from './sharp.ts';

/** Of the side; what is cut away is background as a rule. */
const SHARE = 0.9;

/**
 * The middle of a square, mirrored and as large as the square.
 * @param pixels RGB, 8 bit, interleaved, `side * side * 3` bytes.
 * @returns as many.
 */
export function mirroredMiddle(pixels: Uint8Array, side: number): Promise<Uint8Array> {
  const size = Math.max(1, Math.round(side * SHARE));
  const edge = (side - size) >> 1;
  return sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .extract({ left: edge, top: edge, width: size, height: size })
    .resize(side, side, { fit: 'fill' })
    .flop()
    .raw()
    .toBuffer();
}
