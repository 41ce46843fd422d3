/** From what the finder gives for a picture to the probability of each kind in each of its parts. */

import { GARMENT_KINDS, PIXEL_CLASSES, PRESENCES } from './garment-kinds.ts';

/** What is known of a photo, in its upright form. */
export interface ScoreMaps {
  /** Cells in both directions. */
  readonly side: number;
  /** The probability of each kind in each cell, row by row: `GARMENT_KINDS.length` maps of `side * side`, 0 to 1. */
  readonly kinds: readonly Float32Array[];
  /** Whether each of `PRESENCES` is in the photo, 0 to 1. */
  readonly presence: Float32Array;
}

/**
 * @param row the finder's output for one square: the scores of all classes, map after map, then those of the presences.
 * @param mirrored whether the square was mirrored; its maps are turned back.
 * @throws {RangeError} when the row is not as long as any square gives it.
 */
export function scoreMaps(row: Float32Array, mirrored = false): ScoreMaps {
  const cells = (row.length - PRESENCES.length) / PIXEL_CLASSES.length;
  const side = Math.sqrt(cells);
  if (!Number.isInteger(side) || side === 0) {
    throw new RangeError(
      `Expected ${PIXEL_CLASSES.length} square maps and ${PRESENCES.length} presences, got ${row.length} numbers.`,
    );
  }
  const kinds = GARMENT_KINDS.map(() => new Float32Array(cells));
  const exponentials = new Float32Array(PIXEL_CLASSES.length);
  for (let cell = 0; cell < cells; cell++) {
    let [most, sum] = [-Infinity, 0];
    for (let n = 0; n < exponentials.length; n++) most = Math.max(most, row[n * cells + cell]!);
    for (let n = 0; n < exponentials.length; n++) {
      exponentials[n] = Math.exp(row[n * cells + cell]! - most);
      sum += exponentials[n]!;
    }
    const place = mirrored ? cell - (cell % side) + side - 1 - (cell % side) : cell;
    kinds.forEach((map, kind) => {
      map[place] = exponentials[1 + kind]! / sum;
    });
  }
  const presence = row.slice(cells * PIXEL_CLASSES.length).map((score) => 1 / (1 + Math.exp(-score)));
  return { side, kinds, presence };
}

/** The mean of what is known by several squares of one photo. @throws {RangeError} for none, or for different sides. */
export function meanOfMaps(all: readonly ScoreMaps[]): ScoreMaps {
  const [first, ...others] = all;
  if (!first || others.some(({ side }) => side !== first.side)) {
    throw new RangeError('Expected one or more maps of the same side.');
  }
  const mean = (arrays: readonly Float32Array[]): Float32Array =>
    arrays[0]!.map((_, n) => arrays.reduce((sum, array) => sum + array[n]!, 0) / arrays.length);
  return {
    side: first.side,
    kinds: first.kinds.map((_, kind) => mean(all.map(({ kinds }) => kinds[kind]!))),
    presence: mean(all.map(({ presence }) => presence)),
  };
}

/** A map in any size: between the middles of cells values change evenly. @returns `width * height`, row by row. */
export function enlargeMap(map: Float32Array, side: number, width: number, height: number): Float32Array {
  const result = new Float32Array(width * height);
  const columns = Array.from({ length: width }, (_, x) => between(x, width, side));
  for (let y = 0, n = 0; y < height; y++) {
    const row = between(y, height, side);
    for (const column of columns) {
      const above = map[row.low * side + column.low]! * (1 - column.share) + map[row.low * side + column.high]! * column.share; // prettier-ignore
      const below = map[row.high * side + column.low]! * (1 - column.share) + map[row.high * side + column.high]! * column.share; // prettier-ignore
      result[n++] = above * (1 - row.share) + below * row.share;
    }
  }
  return result;
}

/** The most probable kind of each point: 0 is nothing, 1 the first kind. @param maps of one size, one a kind. */
export function mostProbable(maps: readonly Float32Array[]): Uint8Array {
  return Uint8Array.from(maps[0] ?? [], (_, n) => {
    let [best, most, sum] = [0, 0, 0];
    for (let kind = 0; kind < maps.length; kind++) {
      const value = maps[kind]![n]!;
      sum += value;
      if (value > most) [best, most] = [kind + 1, value];
    }
    return most > 1 - sum ? best : 0;
  });
}

// --- Internal helpers ---

/** The two cells between whose middles a point lies. */
function between(place: number, of: number, side: number): { low: number; high: number; share: number } {
  const at = Math.min(side - 1, Math.max(0, ((place + 0.5) / of) * side - 0.5));
  const low = Math.floor(at);
  return { low, high: Math.min(side - 1, low + 1), share: at - low };
}
