/** Puts the garments of the most prominent person first. */

import type { Box } from '../photo/box.ts';
import type { Garment } from './find-garments.ts';

export interface OrderedGarments {
  readonly garments: readonly Garment[];
  /** Whether a kind that one person wears once is there more than once, side by side. */
  readonly severalPeople: boolean;
}

/** Garments belong to one person when the narrower of the two boxes is above, below or inside the other one for at least this part. */
const LEAST_SHARED = 0.4;

/**
 * The most prominent garment, then those of the same person, then all others, each by prominence.
 * @param garments the most prominent first.
 */
export function orderGarments(garments: readonly Garment[]): OrderedGarments {
  const [leader] = garments;
  if (!leader) return { garments, severalPeople: false };
  const kinds = new Set<string>();
  const own: Garment[] = [];
  const others: Garment[] = [];
  for (const garment of garments) {
    const isOwn = sharedWidth(leader.box, garment.box) >= LEAST_SHARED && !kinds.has(garment.kind);
    (isOwn ? own : others).push(garment);
    if (isOwn) kinds.add(garment.kind);
  }
  const severalPeople = garments.some(
    ({ kind, box }, n) =>
      kind !== 'bag' &&
      garments
        .slice(n + 1)
        .some((other) => other.kind === kind && sharedWidth(box, other.box) < LEAST_SHARED),
  );
  return { garments: [...own, ...others], severalPeople };
}

// --- Internal helpers ---

/** Relative to the narrower box, 0 to 1. */
function sharedWidth(a: Box, b: Box): number {
  const shared = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  return Math.max(0, shared) / Math.min(a[2] - a[0], b[2] - b[0]);
}
