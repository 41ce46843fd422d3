/** Draws a confusion matrix as SVG: rows are true classes, columns are predictions, darker is more. */

import type { Confusion } from './confusion.ts';

/** At most this many classes are shown, the most frequent ones first. */
const SHOWN = 30;
const CELL = 14;
const NAMES = 110;

export function confusionPicture({ classes, counts }: Confusion): string {
  const size = classes.length;
  const totals = classes.map((_, row) =>
    counts.subarray(row * size, (row + 1) * size).reduce((a, b) => a + b, 0),
  );
  const order = classes
    .map((_, index) => index)
    .filter((index) => totals[index]! > 0)
    .sort((a, b) => totals[b]! - totals[a]!)
    .slice(0, SHOWN);
  const side = NAMES + order.length * CELL;
  const cells = order.flatMap((row, y) =>
    order.map((column, x) => {
      const share = counts[row * size + column]! / totals[row]!;
      if (share === 0) return '';
      const colour = row === column ? '66,105,208' : '255,114,92';
      return `<rect x="${NAMES + x * CELL}" y="${NAMES + y * CELL}" width="${CELL}" height="${CELL}" fill="rgba(${colour},${share.toFixed(3)})"/>`;
    }),
  );
  const names = order.flatMap((index, n) => {
    const middle = NAMES + n * CELL + 10;
    const name = (classes[index] ?? '').replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    return [
      `<text x="${NAMES - 4}" y="${middle}" text-anchor="end">${name} (${totals[index]!})</text>`,
      `<text transform="translate(${middle} ${NAMES - 4}) rotate(-90)">${name}</text>`,
    ];
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" font-family="sans-serif" font-size="9"><rect width="100%" height="100%" fill="#fff"/>${cells.join('')}${names.join('')}</svg>\n`;
}
