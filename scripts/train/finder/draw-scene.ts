/** Draws labelled pictures onto a labelled square: turned, scaled, mirrored, whole or cut out. */

import { type Scene, UNKNOWN } from './outfit-photos.ts';

/** A square that scenes are drawn on; RGB and the class of each pixel. */
export interface Canvas extends Scene {
  readonly height: number;
}

/** Where a point of the source comes to lie, and how large the source gets. */
export interface Placement {
  /** In pixels of the source. */
  readonly from: { readonly x: number; readonly y: number };
  /** In pixels of the canvas. */
  readonly to: { readonly x: number; readonly y: number };
  /** Pixels of the canvas for one of the source; a negative one across mirrors. */
  readonly scale: { readonly x: number; readonly y: number };
  /** Clockwise, in radians. */
  readonly turn: number;
}

export function emptyCanvas(side: number): Canvas {
  return {
    width: side,
    height: side,
    data: new Uint8Array(side * side * 3),
    classes: new Uint8Array(side * side),
  };
}

/**
 * @param mode `whole`: everything, and beyond the edges of the source what stands at them, whose class is unknown unless it is nothing;
 *   `cut`: only what is something.
 */
export function draw(canvas: Canvas, source: Scene, placement: Placement, mode: 'whole' | 'cut'): void {
  const { from, to, scale, turn } = placement;
  const cos = Math.cos(turn);
  const sin = Math.sin(turn);
  const { width, height, data, classes } = source;
  const isWhole = mode === 'whole';
  // Plain variables all along: this is where most of the time of a scene is spent.
  for (let y = 0, pixel = 0; y < canvas.height; y++) {
    const dy = y + 0.5 - to.y;
    for (let x = 0; x < canvas.width; x++, pixel++) {
      const dx = x + 0.5 - to.x;
      let sx = from.x + (dx * cos + dy * sin) / scale.x - 0.5;
      let sy = from.y + (dy * cos - dx * sin) / scale.y - 0.5;
      const isOutside = sx < -0.5 || sy < -0.5 || sx > width - 0.5 || sy > height - 0.5;
      if (isOutside && !isWhole) continue;
      sx = sx < 0 ? 0 : sx > width - 1 ? width - 1 : sx;
      sy = sy < 0 ? 0 : sy > height - 1 ? height - 1 : sy;
      const x0 = Math.min(width - 2, Math.floor(sx));
      const y0 = Math.min(height - 2, Math.floor(sy));
      const fx = sx - x0;
      const fy = sy - y0;
      const at = y0 * width + x0;
      const nearest = Math.round(sy) * width + Math.round(sx);
      const found = classes[nearest]!;
      let topLeft = (1 - fx) * (1 - fy);
      let topRight = fx * (1 - fy);
      let bottomLeft = (1 - fx) * fy;
      let bottomRight = fx * fy;
      let left = 0;
      if (isWhole) {
        canvas.classes[pixel] = isOutside && found !== 0 ? UNKNOWN : found;
      } else {
        if (classes[at] === 0) topLeft = 0;
        if (classes[at + 1] === 0) topRight = 0;
        if (classes[at + width] === 0) bottomLeft = 0;
        if (classes[at + width + 1] === 0) bottomRight = 0;
        left = 1 - (topLeft + topRight + bottomLeft + bottomRight);
        if (left > 0.999) continue;
        if (found !== 0) canvas.classes[pixel] = found;
      }
      for (let channel = 0; channel < 3; channel++) {
        const first = at * 3 + channel;
        const below = first + width * 3;
        const place = pixel * 3 + channel;
        canvas.data[place] =
          left * canvas.data[place]! +
          topLeft * data[first]! +
          topRight * data[first + 3]! +
          bottomLeft * data[below]! +
          bottomRight * data[below + 3]!;
      }
    }
  }
}
