// @ts-check
/** A note that an item is out of stock or on order. */

import { element } from './dom.js';

const WORDS = { 'out of stock': 'Out of stock', preorder: 'Pre-order', backorder: 'Back-order' };

/**
 * @param {import('./api.js').Item} item
 * @returns {HTMLElement | false} false for items in stock, and if the shop does not say.
 */
export function availabilityView({ availability }) {
  if (availability === null || availability === 'in stock') return false;
  return element('p', { class: 'availability' }, WORDS[availability]);
}
