/** Boxes as a finder gives them: somewhat too large, too small or beside, and sometimes around a part alone. */

import type { Box } from '../../../src/photo/box.ts';
import type { Random } from '../random.ts';

/** The most that a side is moved, in parts of the box. */
const MOVED = { true: 0.2, found: 0.05 };
/** How often a part is cut off a true box, and how much of it. */
const PARTIAL = { chance: 0.2, least: 0.2, most: 0.5 };

/**
 * @param box in parts of the photo.
 * @param source `found`: a finder's own box, which has its errors already.
 * @returns a box inside the photo.
 */
export function varyBox(box: Box, source: keyof typeof MOVED, random: Random): Box {
  let [left, top, right, bottom] = box;
  const [width, height] = [right - left, bottom - top];
  const most = MOVED[source];
  const moved = (of: number): number => random.between(-most, most) * of;
  left += moved(width);
  right += moved(width);
  top += moved(height);
  bottom += moved(height);
  if (source === 'true' && random.chance(PARTIAL.chance)) {
    const share = random.between(PARTIAL.least, PARTIAL.most);
    const side = random.below(4);
    if (side === 0) left += share * (right - left);
    if (side === 1) right -= share * (right - left);
    if (side === 2) top += share * (bottom - top);
    if (side === 3) bottom -= share * (bottom - top);
  }
  const within = (value: number): number => Math.min(1, Math.max(0, value));
  return [within(left), within(top), within(right), within(bottom)];
}
