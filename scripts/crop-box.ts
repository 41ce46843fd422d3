/** Which part of a photo is cut out for a garment. The bot cuts its box as it is; other rules are tried in evaluations. */

import type { Box } from '../src/photo/box.ts';

export interface CropRule {
  /** What is added at each side, in parts of the box's width and height; 0 and more. */
  readonly margin: number;
  /** A narrower or wider crop is widened towards this width / height, with what surrounds it; undefined: it is left as it is. */
  readonly aspect?: number | undefined;
}

/** Where to cut, in whole pixels of the upright photo, inside it and at least one pixel large. */
export interface PixelBox {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export const CROP_RULE: CropRule = { margin: 0 };

/**
 * The crop of a garment, which is then squashed to the model's square like any photo.
 * @param box in parts of the upright photo. What lies outside the photo is left out.
 * @param photo its size in pixels.
 */
export function cropBox(
  [left, top, right, bottom]: Box,
  photo: { readonly width: number; readonly height: number },
  { margin, aspect }: CropRule = CROP_RULE,
): PixelBox {
  const across = (right - left) * photo.width;
  const down = (bottom - top) * photo.height;
  let [width, height] = [across * (1 + 2 * margin), down * (1 + 2 * margin)];
  if (aspect !== undefined) {
    [width, height] = [Math.max(width, height * aspect), Math.max(height, width / aspect)];
  }
  const [x0, x1] = within(left * photo.width + (across - width) / 2, width, photo.width);
  const [y0, y1] = within(top * photo.height + (down - height) / 2, height, photo.height);
  return { left: x0, top: y0, width: x1 - x0, height: y1 - y0 };
}

// --- Internal helpers ---

/** The whole pixels of a span that lie within 0 and `most`, at least one. */
function within(start: number, length: number, most: number): [number, number] {
  const low = Math.min(most - 1, Math.max(0, Math.floor(start + 1e-6)));
  const high = Math.max(low + 1, Math.min(most, Math.ceil(start + length - 1e-6)));
  return [low, high];
}
