// @ts-check
/** That an item cannot be had now, or not at once. */

import { element } from './dom.js';

const WORDS = { 'out of stock': 'Out of stock', preorder: 'Pre-order', backorder: 'Back-order' };

/**
 * @param {import('./api.js').Item} item
 * @returns {HTMLElement | false} false for what is in stock, and where the shop does not say.
 */
export function availabilityView({ availability }) {
  if (availability === null || availability === 'in stock') return false;
  return element('p', { class: 'availability' }, WORDS[availability]);
}
