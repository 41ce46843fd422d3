/** The two views of an item whose embeddings training pulls together: its catalogue picture, and an imitation of a shopper's photo. */

import { background } from './backgrounds.ts';
import { cutOut, laidOut } from './cut-out.ts';
import { cropped, degraded, mirrored, type Picture, resized } from './picture.ts';
import type { Random } from './random.ts';

/** Size of the pictures in the small edition of the data set. */
const SMALL = { width: 60, height: 80 };
/** Aspect ratios (width / height) of the photos that are squashed to a square; most are upright. */
const ASPECT_RATIOS = [3 / 4, 3 / 4, 3 / 4, 1, 4 / 3];

/** Largest share of a catalogue picture that is cropped at each side. */
const MOST_CROPPED = 0.08;
/** How often a part is hidden, and between which shares of the area. */
const ERASED = { chance: 0.3, least: 0.02, most: 0.15 };

/**
 * A catalogue picture, sometimes mirrored, cropped by a few per cent, sometimes with a part hidden. Half of the larger pictures
 * are reduced to the size of the small edition first. RGB of `side` squared.
 */
export async function catalogueView(picture: Picture, side: number, random: Random): Promise<Uint8Array> {
  const isLarge = picture.height > SMALL.height;
  let view = isLarge && random.chance(0.5) ? await resized(picture, SMALL.width, SMALL.height) : picture;
  const [left, right] = [0, 1].map(() => Math.floor(random.between(0, MOST_CROPPED) * view.width)) as [
    number,
    number,
  ];
  const [top, bottom] = [0, 1].map(() => Math.floor(random.between(0, MOST_CROPPED) * view.height)) as [
    number,
    number,
  ];
  view = cropped(view, { left, top, width: view.width - left - right, height: view.height - top - bottom });
  if (random.chance(0.5)) view = mirrored(view);
  view = await resized(view, side, side);
  erase(view, random);
  return view.data;
}

/**
 * The product cut out, rotated, scaled and placed off-centre on another background; recoloured, blurred, compressed again, and
 * sometimes with a part hidden. RGB of `side` squared.
 */
export async function shopperView(
  picture: Picture,
  other: Picture,
  side: number,
  random: Random,
): Promise<Uint8Array> {
  const view = background(side, other, random);
  drawProduct(random.chance(0.5) ? mirrored(picture) : picture, view, random);
  erase(view, random);
  recolour(view, random);
  const sigma = random.chance(0.4) ? random.between(0.3, 1.3) : 0;
  const quality = random.chance(0.5) ? Math.round(random.between(30, 92)) : undefined;
  return (await degraded(view, sigma, quality)).data;
}

// --- Internal helpers ---

/** Draws the product into `view`. */
function drawProduct(picture: Picture, view: Picture, random: Random): void {
  const { width, height, data } = picture;
  const whole = cutOut(picture);
  const { mask, box } = (random.chance(0.5) ? laidOut(picture, whole) : undefined) ?? whole;
  const side = view.width;
  const [boxWidth, boxHeight] = [box.right - box.left, box.bottom - box.top];
  const ratio = ASPECT_RATIOS[random.below(ASPECT_RATIOS.length)]!;
  const aspect = ((boxWidth / boxHeight) * Math.exp(random.between(-0.2, 0.2))) / ratio;
  const size = random.between(0.5, 1.15) * side;
  const [drawnWidth, drawnHeight] = aspect > 1 ? [size, size / aspect] : [size * aspect, size];
  const turn = random.chance(0.6) ? random.normal((14 * Math.PI) / 180) : 0;
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const [centreX, centreY] = [0, 1].map(
    () => side * (0.5 + Math.max(-0.25, Math.min(0.25, random.normal(0.1)))),
  ) as [number, number];

  for (let y = 0, n = 0; y < side; y++) {
    for (let x = 0; x < side; x++, n += 3) {
      const [dx, dy] = [x + 0.5 - centreX, y + 0.5 - centreY];
      const u = (dx * cos + dy * sin) / drawnWidth + 0.5;
      const v = (dy * cos - dx * sin) / drawnHeight + 0.5;
      if (u < 0 || u > 1 || v < 0 || v > 1) continue;
      const [sx, sy] = [box.left + u * boxWidth - 0.5, box.top + v * boxHeight - 0.5];
      const [x0, y0] = [Math.floor(sx), Math.floor(sy)];
      let [red, green, blue, alpha] = [0, 0, 0, 0];
      for (let corner = 0; corner < 4; corner++) {
        const [cx, cy] = [x0 + (corner & 1), y0 + (corner >> 1)];
        if (cx < 0 || cy < 0 || cx >= width || cy >= height) continue;
        const at = cy * width + cx;
        if (mask[at] === 0) continue;
        const weight = Math.abs(1 - (corner & 1) - (sx - x0)) * Math.abs(1 - (corner >> 1) - (sy - y0));
        alpha += weight;
        red += weight * data[at * 3]!;
        green += weight * data[at * 3 + 1]!;
        blue += weight * data[at * 3 + 2]!;
      }
      view.data[n] = view.data[n]! * (1 - alpha) + red;
      view.data[n + 1] = view.data[n + 1]! * (1 - alpha) + green;
      view.data[n + 2] = view.data[n + 2]! * (1 - alpha) + blue;
    }
  }
}

/** Sometimes hides a part behind a rectangle of one colour, so that no single detail decides: Zhong et al., Random erasing, 2017. */
function erase({ width, height, data }: Picture, random: Random): void {
  if (!random.chance(ERASED.chance)) return;
  const area = random.between(ERASED.least, ERASED.most) * width * height;
  const aspect = Math.exp(random.between(-0.9, 0.9));
  const across = Math.min(width, Math.max(1, Math.round(Math.sqrt(area * aspect))));
  const down = Math.min(height, Math.max(1, Math.round(Math.sqrt(area / aspect))));
  const [left, top] = [random.below(width - across + 1), random.below(height - down + 1)];
  const colour = [0, 1, 2].map(() => random.below(256));
  for (let y = top; y < top + down; y++) {
    for (let x = left; x < left + across; x++) data.set(colour, (y * width + x) * 3);
  }
}

/** Changes brightness, contrast and saturation; adds a colour cast, light from one side and sensor noise. */
function recolour({ width, data }: Picture, random: Random): void {
  const [brightness, contrast] = [random.between(0.6, 1.3), random.between(0.7, 1.3)];
  const saturation = random.between(0.6, 1.3);
  const cast = [0, 1, 2].map(() => random.between(0.92, 1.08));
  const grain = random.chance(0.5) ? random.between(0, 14) : 0;
  const [lightX, lightY] = random.chance(0.5)
    ? [random.between(-0.3, 0.3) / width, random.between(-0.3, 0.3) / width]
    : [0, 0];
  for (let n = 0, pixel = 0; n < data.length; n += 3, pixel++) {
    const light =
      brightness * (1 + lightX * ((pixel % width) - width / 2) + lightY * (pixel / width - width / 2));
    const grey = 0.299 * data[n]! + 0.587 * data[n + 1]! + 0.114 * data[n + 2]!;
    const noise = grain === 0 ? 0 : random.between(-grain, grain);
    for (let channel = 0; channel < 3; channel++) {
      const saturated = grey + (data[n + channel]! - grey) * saturation;
      const value = ((saturated - 128) * contrast + 128) * light * cast[channel]! + noise;
      data[n + channel] = value < 0 ? 0 : value > 255 ? 255 : value;
    }
  }
}
