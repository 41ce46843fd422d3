/** Finds the product in a catalogue picture: what is not connected to the border through nearly white pixels. */

import type { Picture } from './picture.ts';

export interface CutOut {
  /** 1 where the product is, a number a pixel. */
  readonly mask: Uint8Array;
  /** Around it, in pixels, ends exclusive. */
  readonly box: {
    readonly left: number;
    readonly top: number;
    readonly right: number;
    readonly bottom: number;
  };
}

/** A pixel is background-like when each channel is above. */
const WHITE = 232;
/** Shares of the picture within which a mask is believed; else the whole picture is the product. */
const BELIEVED = { least: 0.03, most: 0.97 };
/** A product fills at least this share of the box around it; a mask that does not is the outline of something white. */
const LEAST_FILL = 0.3;

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
  for (let pixel = stack.pop(); pixel !== undefined; pixel = stack.pop()) {
    const x = pixel % width;
    if (x > 0) visit(pixel - 1);
    if (x < width - 1) visit(pixel + 1);
    if (pixel >= width) visit(pixel - width);
    if (pixel < (height - 1) * width) visit(pixel + width);
  }

  let count = 0;
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let pixel = 0; pixel < mask.length; pixel++) {
    if (mask[pixel] === 0) continue;
    count++;
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    left = Math.min(left, x);
    right = Math.max(right, x + 1);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y + 1);
  }
  const share = count / mask.length;
  if (share < BELIEVED.least || share > BELIEVED.most) {
    return { mask: mask.fill(1), box: { left: 0, top: 0, right: width, bottom: height } };
  }
  if (count < LEAST_FILL * (right - left) * (bottom - top)) {
    for (let y = top; y < bottom; y++) mask.fill(1, y * width + left, y * width + right);
  }
  return { mask, box: { left, top, right, bottom } };
}
