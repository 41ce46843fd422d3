// @ts-check
/** Boxes in parts of a photo, 0 to 1: moved, sized and shown. */

/** @typedef {import('./api.js').Box} Box */

/** The server refuses boxes below 2 % of a side; a finger and an eye need a little more. */
export const LEAST_SIDE = 0.04;

/**
 * The box between two points.
 * @param {{ x: number, y: number }} a
 * @param {{ x: number, y: number }} b
 * @returns {Box}
 */
export function boxBetween(a, b) {
  const [x, y] = [clamp(a.x, 0, 1), clamp(a.y, 0, 1)];
  const [toX, toY] = [clamp(b.x, 0, 1), clamp(b.y, 0, 1)];
  return [Math.min(x, toX), Math.min(y, toY), Math.max(x, toX), Math.max(y, toY)];
}

/** @param {Box} box */
export function isTooSmall([left, top, right, bottom]) {
  return right - left < LEAST_SIDE || bottom - top < LEAST_SIDE;
}

/** The box in another place, within the photo. @param {Box} box @param {number} x @param {number} y @returns {Box} */
export function movedBy([left, top, right, bottom], x, y) {
  const dx = clamp(x, -left, 1 - right);
  const dy = clamp(y, -top, 1 - bottom);
  return [left + dx, top + dy, right + dx, bottom + dy];
}

/** The box with its lower right corner moved. @param {Box} box @param {number} x @param {number} y @returns {Box} */
export function sizedBy([left, top, right, bottom], x, y) {
  return [
    left,
    top,
    clamp(right + x, Math.min(1, left + LEAST_SIDE), 1),
    clamp(bottom + y, Math.min(1, top + LEAST_SIDE), 1),
  ];
}

/** To four decimals, as it is sent. @param {Box} box @returns {Box} */
export function rounded([left, top, right, bottom]) {
  /** @param {number} part */
  const round = (part) => Math.round(part * 10_000) / 10_000;
  return [round(left), round(top), round(right), round(bottom)];
}

/** Puts an element over its box of the photo. @param {HTMLElement} view @param {Box} box */
export function place(view, [left, top, right, bottom]) {
  view.style.left = `${left * 100}%`;
  view.style.top = `${top * 100}%`;
  view.style.width = `${(right - left) * 100}%`;
  view.style.height = `${(bottom - top) * 100}%`;
}

/** The place of a box in words. @param {Box} box */
export function placeInWords([left, top, right, bottom]) {
  /** @param {number} part */
  const percent = (part) => `${Math.round(part * 100)} %`;
  return `From the left ${percent(left)}, from the top ${percent(top)}, ${percent(right - left)} wide, ${percent(bottom - top)} high.`;
}

// --- Internal helpers ---

/** @param {number} value @param {number} from @param {number} to */
function clamp(value, from, to) {
  return Math.min(to, Math.max(from, value));
}
