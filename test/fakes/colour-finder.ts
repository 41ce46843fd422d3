/** A finder of garments without a neural network: the colour of an area says which garment it is, and a dark photo shows none. */

import type { GarmentKind } from '../../src/garments/garment-kinds.ts';
import type { Garment } from '../../src/garments/find-garments.ts';
import type { GarmentFinder } from '../../src/garments/garment-finder.ts';

const SIDE = 32;
/** A channel from here on is bright. */
const BRIGHT = 128;

/** @param kinds by the bright channels of a colour, for example `{ r: 'top', gb: 'shoes' }`. */
export function createColourFinder(kinds: Readonly<Partial<Record<string, GarmentKind>>>): GarmentFinder {
  return {
    side: SIDE,
    find(pixels, { signal } = {}) {
      signal?.throwIfAborted();
      const garments = Object.entries(kinds).flatMap(([channels, kind]): Garment[] => {
        const found = kind === undefined ? undefined : garmentOf(pixels, channels, kind);
        return found ? [found] : [];
      });
      garments.sort((a, b) => b.share - a.share);
      const isProduct = pixels.some((value) => value >= BRIGHT);
      return Promise.resolve({ garments, isProduct, productProbability: isProduct ? 1 : 0 });
    },
    maps: () => Promise.reject(new Error('This finder has no maps.')),
    close: () => Promise.resolve(),
  };
}

// --- Internal helpers ---

function garmentOf(pixels: Uint8Array, channels: string, kind: GarmentKind): Garment | undefined {
  let [left, top, right, bottom, count] = [SIDE, SIDE, 0, 0, 0];
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const place = (y * SIDE + x) * 3;
      const bright = ['r', 'g', 'b'].filter((_, channel) => pixels[place + channel]! >= BRIGHT).join('');
      if (bright !== channels) continue;
      count++;
      [left, right] = [Math.min(left, x), Math.max(right, x + 1)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y + 1)];
    }
  }
  if (count === 0) return undefined;
  const box = [left / SIDE, top / SIDE, right / SIDE, bottom / SIDE] as const;
  return { kind, box, probability: 0.9, share: count / (SIDE * SIDE) };
}
