/** Pieces of street, wall and sky: windows of labelled photos in which every pixel is nothing. */

import { createRandom } from '../../train/random.ts';

export interface Window {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const TRIES = 400;
/** Shares of the photo's sides. */
const SIZES = { width: [0.18, 0.5], height: [0.2, 0.9] } as const;
/** Of two windows, the most of the smaller one that they may share. */
const MOST_SHARED = 0.5;

/**
 * The same for the same seed.
 * @param classes 0: nothing; row by row.
 * @param count at most so many; a photo may have room for fewer.
 */
export function streetPatches(classes: Uint8Array, width: number, count: number, seed: number): Window[] {
  const height = classes.length / width;
  const sums = summedArea(classes, width);
  const random = createRandom(seed, 0x57eee7);
  const found: Window[] = [];
  for (let attempt = 0; attempt < TRIES && found.length < count; attempt++) {
    const across = Math.floor(random.between(...SIZES.width) * width);
    const down = Math.floor(random.between(...SIZES.height) * height);
    const window = {
      left: random.below(width - across + 1),
      top: random.below(height - down + 1),
      width: across,
      height: down,
    };
    if (inside(sums, width, window) > 0 || found.some((other) => shared(window, other) > MOST_SHARED))
      continue;
    found.push(window);
  }
  return found;
}

// --- Internal helpers ---

/** How many pixels left of and above each corner are something; `(width + 1) * (height + 1)`. */
function summedArea(classes: Uint8Array, width: number): Int32Array {
  const height = classes.length / width;
  const sums = new Int32Array((width + 1) * (height + 1));
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      if (classes[y * width + x] !== 0) row++;
      sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1]! + row;
    }
  }
  return sums;
}

function inside(sums: Int32Array, width: number, window: Window): number {
  const at = (x: number, y: number): number => sums[y * (width + 1) + x]!;
  const [right, bottom] = [window.left + window.width, window.top + window.height];
  return at(right, bottom) - at(window.left, bottom) - at(right, window.top) + at(window.left, window.top);
}

function shared(a: Window, b: Window): number {
  const across = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  const down = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  if (across <= 0 || down <= 0) return 0;
  return (across * down) / Math.min(a.width * a.height, b.width * b.height);
}
