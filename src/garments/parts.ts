/** Connected parts of a picture that are of one class. */

/** A part, in pixels of the picture; ends exclusive. */
export interface Part {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** Pixels. */
  readonly area: number;
  /** Places of its pixels. */
  readonly pixels: readonly number[];
}

/**
 * Parts that touch at a side or a corner are one.
 * @param classes row by row.
 * @returns the parts of every class but 0, by class, the largest first.
 */
export function partsOf(classes: Uint8Array, width: number): Map<number, Part[]> {
  const height = classes.length / width;
  const seen = new Uint8Array(classes.length);
  const parts = new Map<number, Part[]>();
  for (let start = 0; start < classes.length; start++) {
    const wanted = classes[start]!;
    if (wanted === 0 || seen[start] === 1) continue;
    const pixels = [start];
    seen[start] = 1;
    let [left, top, right, bottom] = [width, height, 0, 0];
    for (const pixel of pixels) {
      // Those that are found on the way are visited too.
      const [x, y] = [pixel % width, Math.floor(pixel / width)];
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y + 1);
      for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
        for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
          const place = ny * width + nx;
          if (seen[place] === 1 || classes[place] !== wanted) continue;
          seen[place] = 1;
          pixels.push(place);
        }
      }
    }
    parts.set(wanted, [
      ...(parts.get(wanted) ?? []),
      { left, top, right, bottom, area: pixels.length, pixels },
    ]);
  }
  for (const found of parts.values()) found.sort((a, b) => b.area - a.area);
  return parts;
}

/** Parts of at least this share of the largest one are of the garment; smaller ones are dropped. */
export const LEAST_PART = 1 / 5;

/** @param parts of one class, the largest first. */
export function withoutCrumbs(parts: readonly Part[]): Part[] {
  return parts.filter(({ area }) => area >= LEAST_PART * parts[0]!.area);
}

/** One part of several. */
export function joined(parts: readonly Part[]): Part {
  return {
    left: Math.min(...parts.map(({ left }) => left)),
    top: Math.min(...parts.map(({ top }) => top)),
    right: Math.max(...parts.map(({ right }) => right)),
    bottom: Math.max(...parts.map(({ bottom }) => bottom)),
    area: parts.reduce((sum, { area }) => sum + area, 0),
    pixels: parts.flatMap(({ pixels }) => pixels),
  };
}
