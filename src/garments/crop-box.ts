/** Which part of a photo is embedded for a garment. */

import type { Box } from '../photo/box.ts';

/** Part of the box's own side that is added on each side, as far as the photo reaches. */
export const CROP_MARGIN = 0.05;

export function cropBox([left, top, right, bottom]: Box): Box {
  const [across, down] = [(right - left) * CROP_MARGIN, (bottom - top) * CROP_MARGIN];
  return [
    Math.max(0, left - across),
    Math.max(0, top - down),
    Math.min(1, right + across),
    Math.min(1, bottom + down),
  ];
}
