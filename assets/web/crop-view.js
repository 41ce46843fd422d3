// @ts-check
/** A part of a photo, cut out. */

import { element } from './dom.js';

/** @typedef {import('./api.js').Box} Box */

/** @type {Box} */
const WHOLE = [0, 0, 1, 1];
/** Of the sides of the box, so that a garment is seen with what is around it. */
const MARGIN = 0.06;

/**
 * @param {HTMLImageElement} image the whole photo; the canvas stays empty until it is loaded.
 * @param {Box | undefined} box undefined for the whole photo.
 * @param {{ side: number, label?: string }} options longest side of the canvas in pixels; without a label it is decoration.
 * @returns {HTMLCanvasElement}
 */
export function cropView(image, box, { side, label }) {
  const canvas = element('canvas', {
    class: 'crop',
    ...(label === undefined ? { 'aria-hidden': 'true' } : { role: 'img', 'aria-label': label }),
  });
  image.decode().then(
    () => draw(canvas, image, box ? withMargin(box) : WHOLE, side),
    () => canvas.remove(),
  );
  return canvas;
}

// --- Internal helpers ---

/**
 * @param {HTMLCanvasElement} canvas
 * @param {HTMLImageElement} image
 * @param {Box} box
 * @param {number} side
 */
function draw(canvas, image, [left, top, right, bottom], side) {
  const { naturalWidth, naturalHeight } = image;
  const width = Math.max(1, (right - left) * naturalWidth);
  const height = Math.max(1, (bottom - top) * naturalHeight);
  const scale = Math.min(1, side / Math.max(width, height));
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext('2d');
  if (!context) return;
  context.imageSmoothingQuality = 'high';
  const x = left * naturalWidth;
  const y = top * naturalHeight;
  context.drawImage(image, x, y, width, height, 0, 0, canvas.width, canvas.height);
}

/** @param {Box} box @returns {Box} */
function withMargin([left, top, right, bottom]) {
  const x = (right - left) * MARGIN;
  const y = (bottom - top) * MARGIN;
  return [Math.max(0, left - x), Math.max(0, top - y), Math.min(1, right + x), Math.min(1, bottom + y)];
}
