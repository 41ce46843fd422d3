/** Chooses the garments that crops are made of, so that rare kinds are seen more often than they occur. */

import { GARMENT_KINDS, type GarmentKind } from '../../../src/garments/garment-kinds.ts';
import type { Random } from '../random.ts';

/**
 * A kind is chosen in proportion to the square root of its garments, and any of them is as likely.
 * @returns chooses a place in `garments`.
 * @throws {RangeError} without garments.
 */
export function createGarmentSampler(
  garments: readonly { readonly kind: GarmentKind }[],
): (random: Random) => number {
  if (garments.length === 0) throw new RangeError('Expected at least one garment.');
  const groups = GARMENT_KINDS.map((kind) =>
    garments.flatMap((garment, place) => (garment.kind === kind ? [place] : [])),
  ).filter((group) => group.length > 0);
  const total = groups.reduce((sum, { length }) => sum + Math.sqrt(length), 0);
  return (random) => {
    let left = random() * total;
    const group = groups.find(({ length }) => (left -= Math.sqrt(length)) < 0) ?? groups.at(-1)!;
    return group[random.below(group.length)]!;
  };
}
