/** Other light, other colours, hidden parts: what changes in a scene without changing what is in it. */

import { classOfKind, GARMENT_KINDS } from '../../../src/garments/garment-kinds.ts';
import type { Random } from '../random.ts';
import type { Canvas } from './draw-scene.ts';
import { UNKNOWN } from './outfit-photos.ts';

/** Brightness, contrast, gamma, saturation, a cast, light from one side, the noise of a sensor; now and then no colour at all. */
export function relight({ width, data }: Canvas, random: Random): void {
  const [brightness, contrast] = [random.between(0.7, 1.3), random.between(0.75, 1.25)];
  const gamma = Math.exp(random.between(-0.25, 0.25));
  const saturation = random.chance(0.03) ? 0 : random.between(0.6, 1.35);
  const table = (): Float32Array => {
    const cast = random.between(0.92, 1.08);
    return Float32Array.from(
      { length: 256 },
      (_, value) => ((255 * (value / 255) ** gamma - 128) * contrast + 128) * brightness * cast,
    );
  };
  const [reds, greens, blues] = [table(), table(), table()];
  const grain = random.chance(0.3) ? random.between(0, 10) : 0;
  const [lightX, lightY] = random.chance(0.5)
    ? [random.between(-0.4, 0.4) / width, random.between(-0.4, 0.4) / width]
    : [0, 0];
  for (let pixel = 0, n = 0; n < data.length; pixel++, n += 3) {
    const light = 1 + lightX * ((pixel % width) - width / 2) + lightY * (pixel / width - width / 2);
    const red = reds[data[n]!]!;
    const green = greens[data[n + 1]!]!;
    const blue = blues[data[n + 2]!]!;
    const grey = 0.299 * red + 0.587 * green + 0.114 * blue;
    const noise = grain === 0 ? 0 : random.between(-grain, grain);
    data[n] = byte((grey + (red - grey) * saturation) * light + noise);
    data[n + 1] = byte((grey + (green - grey) * saturation) * light + noise);
    data[n + 2] = byte((grey + (blue - grey) * saturation) * light + noise);
  }
}

/** Some garments take on another hue and another brightness, so that no kind is known by its usual colours. */
export function recolourGarments({ data, classes }: Canvas, random: Random): void {
  const changes = new Map(
    GARMENT_KINDS.filter(() => random.chance(0.5)).map((kind) => [classOfKind(kind), hueChange(random)]),
  );
  for (let pixel = 0, n = 0; n < data.length; pixel++, n += 3) {
    const change = changes.get(classes[pixel]!);
    if (!change) continue;
    const red = data[n]!;
    const green = data[n + 1]!;
    const blue = data[n + 2]!;
    for (let channel = 0; channel < 3; channel++) {
      const row = channel * 3;
      data[n + channel] = byte(change[row]! * red + change[row + 1]! * green + change[row + 2]! * blue);
    }
  }
}

/** A rectangle of one colour hides a part: Zhong et al., Random erasing, 2017. What is behind it is unknown. */
export function hidePart({ width, height, data, classes }: Canvas, random: Random): void {
  const area = random.between(0.01, 0.1) * width * height;
  const aspect = Math.exp(random.between(-0.9, 0.9));
  const across = Math.min(width, Math.max(1, Math.round(Math.sqrt(area * aspect))));
  const down = Math.min(height, Math.max(1, Math.round(Math.sqrt(area / aspect))));
  const [left, top] = [random.below(width - across + 1), random.below(height - down + 1)];
  const colour = [0, 1, 2].map(() => random.below(256));
  for (let y = top; y < top + down; y++) {
    for (let x = left; x < left + across; x++) {
      data.set(colour, (y * width + x) * 3);
      if (classes[y * width + x] !== 0) classes[y * width + x] = UNKNOWN;
    }
  }
}

// --- Internal helpers ---

/** A turn about the grey axis (a 3x3 matrix, row by row), then a gain. */
function hueChange(random: Random): Float32Array {
  const angle = random.between(-Math.PI, Math.PI);
  const gain = Math.exp(random.between(-0.5, 0.5));
  const [cos, sin] = [Math.cos(angle), Math.sin(angle) / Math.sqrt(3)];
  const third = (1 - cos) / 3;
  return Float32Array.of(
    cos + third, third - sin, third + sin,
    third + sin, cos + third, third - sin,
    third - sin, third + sin, cos + third,
  ).map((value) => value * gain); // prettier-ignore
}

function byte(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}
