/** What the finder should say of a scene: the class of each of its coarse pixels, and what is in it as a whole. */

import { GARMENT_KINDS, PIXEL_CLASSES, PRESENCES } from '../../../src/garments/garment-kinds.ts';
import { type Scene, UNKNOWN } from './outfit-photos.ts';

export interface SceneTargets {
  /** Of the middle of each square of `stride` pixels, row by row. */
  readonly classes: Uint8Array;
  /** For each of `PRESENCES`: 1 it is there, 0 it is not, `UNKNOWN` too little of it to say. */
  readonly presence: Uint8Array;
}

/** Pixels of the picture for one of the scores, in both directions. */
export const STRIDE = 4;

/** Shares of the picture from which on a thing is there; less of it is unknown. */
const THERE = { garment: 0.0015, sunglasses: 0.0003, product: 0.008 };

export function targetsOfScene({ width, height, classes }: Scene): SceneTargets {
  const [across, down] = [width / STRIDE, height / STRIDE];
  const coarse = new Uint8Array(across * down);
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < across; x++) {
      coarse[y * across + x] = classes[(y * STRIDE + STRIDE / 2) * width + x * STRIDE + STRIDE / 2]!;
    }
  }
  const counts = new Float64Array(256);
  for (const value of classes) counts[value]!++;
  const verdict = (count: number, share: number): number => {
    if (count === 0) return counts[UNKNOWN] === 0 ? 0 : UNKNOWN;
    return count >= share * classes.length ? 1 : UNKNOWN;
  };
  const presence = PRESENCES.map((name) => {
    if (name === 'product') return productVerdict(counts, classes.length);
    const share = name === 'sunglasses' ? THERE.sunglasses : THERE.garment;
    return verdict(counts[PIXEL_CLASSES.indexOf(name)]!, share);
  });
  return { classes: coarse, presence: Uint8Array.from(presence) };
}

// --- Internal helpers ---

/** What is unknown in a scene is a product, or a part of a person. */
function productVerdict(counts: Float64Array, size: number): number {
  if (counts[0] === size) return 0;
  const products = [...GARMENT_KINDS, 'accessory', 'suit'] as const;
  const count = products.reduce((sum, name) => sum + counts[PIXEL_CLASSES.indexOf(name)]!, counts[UNKNOWN]!);
  return count >= THERE.product * size ? 1 : UNKNOWN;
}
