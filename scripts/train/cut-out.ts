/** Finds the product in a catalogue picture: all pixels that nearly white pixels do not connect to the border. */

import type { Picture } from './picture.ts';

export interface CutOut {
  /** One number per pixel; 1: product. */
  readonly mask: Uint8Array;
  /** The bounding box of the product in pixels, with exclusive ends. */
  readonly box: {
    readonly left: number;
    readonly top: number;
    readonly right: number;
    readonly bottom: number;
  };
}

/** A pixel counts as background when every channel is above this value. */
const WHITE = 232;
/** A mask that covers a share of the picture outside this range is not plausible; the whole picture then counts as the product. */
const PLAUSIBLE = { least: 0.03, most: 0.97 };
/** A product fills at least this share of its bounding box; a mask that fills less is the outline of a white product. */
const LEAST_FILL = 0.3;
/** A garment counts as worn when its share of skin is in this range and enough of the garment remains. */
const WORN = { least: 0.04, most: 0.45, leastGarment: 0.35 };

/**
 * A worn garment without its wearer: the largest connected part of a cut-out after skin is removed. Undefined where too
 * little or too much of it looks like skin to be sure that somebody wears it.
 */
export function laidOut({ width, height, data }: Picture, { mask }: CutOut): CutOut | undefined {
  const left = new Uint8Array(mask);
  let [product, skin] = [0, 0];
  for (let pixel = 0; pixel < mask.length; pixel++) {
    if (mask[pixel] === 0) continue;
    product++;
    if (!isSkin(data[pixel * 3]!, data[pixel * 3 + 1]!, data[pixel * 3 + 2]!)) continue;
    left[pixel] = 0;
    skin++;
  }
  if (skin < WORN.least * product || skin > WORN.most * product) return undefined;
  const parts = new Uint8Array(mask.length);
  let [best, bestSize, part] = [0, 0, 0];
  for (let start = 0; start < left.length && part < 255; start++) {
    if (left[start] === 0 || parts[start] !== 0) continue;
    part++;
    let size = 0;
    const stack = [start];
    const visit = (pixel: number): void => {
      if (left[pixel] === 0 || parts[pixel] !== 0) return;
      parts[pixel] = part;
      size++;
      stack.push(pixel);
    };
    parts[start] = part;
    for (let pixel = stack.pop(); pixel !== undefined; pixel = stack.pop())
      eachNeighbour(pixel, width, height, visit);
    if (size > bestSize) [best, bestSize] = [part, size];
  }
  if (bestSize < WORN.leastGarment * product) return undefined;
  for (let pixel = 0; pixel < left.length; pixel++) left[pixel] = parts[pixel] === best ? 1 : 0;
  return { mask: left, box: boxOf(left, width) };
}

export function cutOut({ width, height, data }: Picture): CutOut {
  const mask = new Uint8Array(width * height).fill(1);
  const isWhite = (pixel: number): boolean =>
    data[pixel * 3]! > WHITE && data[pixel * 3 + 1]! > WHITE && data[pixel * 3 + 2]! > WHITE;

  const stack: number[] = [];
  const visit = (pixel: number): void => {
    if (mask[pixel] === 0 || !isWhite(pixel)) return;
    mask[pixel] = 0;
    stack.push(pixel);
  };
  for (let x = 0; x < width; x++) {
    visit(x);
    visit((height - 1) * width + x);
  }
  for (let y = 0; y < height; y++) {
    visit(y * width);
    visit(y * width + width - 1);
  }
  for (let pixel = stack.pop(); pixel !== undefined; pixel = stack.pop())
    eachNeighbour(pixel, width, height, visit);

  const count = mask.reduce((sum, value) => sum + value, 0);
  const box = boxOf(mask, width);
  const { left, top, right, bottom } = box;
  const share = count / mask.length;
  if (share < PLAUSIBLE.least || share > PLAUSIBLE.most) {
    return { mask: mask.fill(1), box: { left: 0, top: 0, right: width, bottom: height } };
  }
  if (count < LEAST_FILL * (right - left) * (bottom - top)) {
    for (let y = top; y < bottom; y++) mask.fill(1, y * width + left, y * width + right);
  }
  return { mask, box };
}

// --- Internal helpers ---

function eachNeighbour(pixel: number, width: number, height: number, visit: (pixel: number) => void): void {
  const x = pixel % width;
  if (x > 0) visit(pixel - 1);
  if (x < width - 1) visit(pixel + 1);
  if (pixel >= width) visit(pixel - width);
  if (pixel < (height - 1) * width) visit(pixel + width);
}

function boxOf(mask: Uint8Array, width: number): CutOut['box'] {
  const height = mask.length / width;
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let pixel = 0; pixel < mask.length; pixel++) {
    if (mask[pixel] === 0) continue;
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    left = Math.min(left, x);
    right = Math.max(right, x + 1);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y + 1);
  }
  return { left, top, right, bottom };
}

/** Decides by chroma, which is similar for all skin tones: Chai and Ngan, Face segmentation using skin-color map, 1999. */
export function isSkin(red: number, green: number, blue: number): boolean {
  const cb = 128 - 0.168736 * red - 0.331264 * green + 0.5 * blue;
  const cr = 128 + 0.5 * red - 0.418688 * green - 0.081312 * blue;
  return cb >= 77 && cb <= 127 && cr >= 136 && cr <= 173 && red > 50;
}
