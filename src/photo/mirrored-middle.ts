/** The second view of a query photo. */

import { sharp } from './sharp.ts';

/** Share of the side that is kept; the rest is usually background. */
const KEPT_SHARE = 0.9;

/**
 * The middle of a square picture, mirrored and enlarged to the size of the square.
 * @param pixels RGB, 8 bit, interleaved, `side * side * 3` bytes.
 * @returns pixels in the same layout.
 */
export function mirroredMiddle(pixels: Uint8Array, side: number): Promise<Uint8Array> {
  const size = Math.max(1, Math.round(side * KEPT_SHARE));
  const edge = (side - size) >> 1;
  return sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .extract({ left: edge, top: edge, width: size, height: size })
    .resize(side, side, { fit: 'fill' })
    .flop()
    .raw()
    .toBuffer();
}
