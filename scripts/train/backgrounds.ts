/** Backgrounds that make a cut-out product look like a photo: a plain colour, noise, or a blurred part of another item. */

import type { Picture } from './picture.ts';
import type { Random } from './random.ts';

export function background(side: number, other: Picture, random: Random): Picture {
  const kind = random();
  if (kind < 0.3) return plain(side, random);
  return kind < 0.65 ? noise(side, random) : blurredPart(side, other, random);
}

// --- Internal helpers ---

function plain(side: number, random: Random): Picture {
  const colour = anyColour(random);
  const data = new Uint8Array(side * side * 3);
  for (let n = 0; n < data.length; n++) data[n] = colour[n % 3]!;
  return { width: side, height: side, data };
}

/** Noise between two colours in four octaves, sometimes stretched along one side like wood or folds. */
function noise(side: number, random: Random): Picture {
  const [a, b] = [anyColour(random), anyColour(random)];
  const amount = new Float32Array(side * side);
  const [stretchX, stretchY] = random.chance(0.3) ? (random.chance(0.5) ? [1, 6] : [6, 1]) : [1, 1];
  let [cells, weight, total] = [3, 1, 0];
  for (let octave = 0; octave < 4; octave++) {
    const grid = Float32Array.from({ length: (cells + 1) ** 2 }, () => random());
    for (let y = 0, n = 0; y < side; y++) {
      for (let x = 0; x < side; x++, n++) {
        const [gx, gy] = [(x / side / stretchX) * cells, (y / side / stretchY) * cells];
        const [x0, y0] = [Math.floor(gx), Math.floor(gy)];
        const [fx, fy] = [gx - x0, gy - y0];
        const at = y0 * (cells + 1) + x0;
        const top = grid[at]! * (1 - fx) + grid[at + 1]! * fx;
        const bottom = grid[at + cells + 1]! * (1 - fx) + grid[at + cells + 2]! * fx;
        amount[n]! += weight * (top * (1 - fy) + bottom * fy);
      }
    }
    total += weight;
    cells *= 2;
    weight *= random.between(0.4, 0.9);
  }
  const data = new Uint8Array(side * side * 3);
  for (let n = 0; n < amount.length; n++) {
    // The sum of octaves stays near the middle; more contrast makes both colours visible.
    const share = Math.min(1, Math.max(0, (amount[n]! / total - 0.5) * 2.5 + 0.5));
    for (let channel = 0; channel < 3; channel++) {
      data[n * 3 + channel] = a[channel]! * (1 - share) + b[channel]! * share;
    }
  }
  return { width: side, height: side, data };
}

/** A few pixels from the middle of another picture, enlarged until they blur. */
function blurredPart(side: number, { width, height, data }: Picture, random: Random): Picture {
  const cells = 4 + random.below(9);
  const [left, top] = [random.between(0.1, 0.5) * width, random.between(0.1, 0.5) * height];
  const span = random.between(0.2, 0.4);
  const colourAt = (x: number, y: number, channel: number): number => {
    const px = Math.min(width - 1, Math.floor(left + (x / cells) * span * width));
    const py = Math.min(height - 1, Math.floor(top + (y / cells) * span * height));
    return data[(py * width + px) * 3 + channel]!;
  };
  const result = new Uint8Array(side * side * 3);
  for (let y = 0, n = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const [gx, gy] = [(x / side) * (cells - 1), (y / side) * (cells - 1)];
      const [x0, y0] = [Math.floor(gx), Math.floor(gy)];
      const [fx, fy] = [gx - x0, gy - y0];
      for (let channel = 0; channel < 3; channel++, n++) {
        const above = colourAt(x0, y0, channel) * (1 - fx) + colourAt(x0 + 1, y0, channel) * fx;
        const below = colourAt(x0, y0 + 1, channel) * (1 - fx) + colourAt(x0 + 1, y0 + 1, channel) * fx;
        result[n] = above * (1 - fy) + below * fy;
      }
    }
  }
  return { width: side, height: side, data: result };
}

function anyColour(random: Random): [number, number, number] {
  const grey = random.between(20, 245);
  const spread = random.chance(0.5) ? 20 : 90;
  const channel = (): number => Math.min(255, Math.max(0, grey + random.between(-spread, spread)));
  return [channel(), channel(), channel()];
}
