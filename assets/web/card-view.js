// @ts-check
/** The card of one item: picture, rank, title and similarity. A click anywhere on it opens the item. */

import { availabilityView } from './availability-view.js';
import { element, hiddenText, icon } from './dom.js';

/** @typedef {import('./api.js').Item} Item */

/**
 * @param {Item} item
 * @param {{ garment?: string | undefined, onOpen: () => void, onSimilar: (item: Item) => void }} options `garment` is the name of
 *   the garment that it was found for, where a gallery has several.
 * @returns {HTMLLIElement}
 */
export function cardView(item, { garment, onOpen, onSimilar }) {
  return element(
    'li',
    { class: 'card' },
    element(
      'div',
      { class: 'card-picture' },
      pictureOf(item),
      element('span', { class: 'rank', 'aria-hidden': 'true' }, String(item.rank)),
      item.alike > 0 &&
        element(
          'span',
          { class: 'alike', title: 'The same product, listed more than once' },
          `+${item.alike} alike`,
        ),
    ),
    garment !== undefined && element('p', { class: 'card-garment' }, garment),
    element(
      'h3',
      { class: 'card-title' },
      element(
        'button',
        { type: 'button', class: 'card-open', onclick: onOpen },
        hiddenText(`${item.rank}. `),
        item.title,
      ),
    ),
    likenessOf(item),
    item.price !== null && element('p', { class: 'price' }, item.price),
    availabilityView(item),
    element(
      'button',
      {
        type: 'button',
        class: 'card-similar',
        'aria-label': `More like this: ${item.title}`,
        onclick: () => onSimilar(item),
      },
      icon('similar'),
      'More like this',
    ),
  );
}

// --- Internal helpers ---

/** @param {Item} item */
function pictureOf(item) {
  // Predicted labels may be wrong, and a screen reader user cannot check them against the picture.
  const { colour, type, gender } = item.labels;
  const alt =
    [colour, type, gender && `for ${gender}`].filter(Boolean).join(', ') || `Picture of ${item.title}`;
  const picture = element('img', {
    src: item.picture,
    alt,
    loading: 'lazy',
    decoding: 'async',
    draggable: 'false',
  });
  picture.addEventListener('error', () =>
    picture.replaceWith(element('span', { class: 'no-picture' }, 'No picture')),
  );
  return picture;
}

/** @param {Item} item */
function likenessOf(item) {
  const bar = element('span', { class: 'likeness-bar', 'aria-hidden': 'true' });
  bar.style.setProperty('--similarity', String(Math.max(0, Math.min(1, item.similarity))));
  return element(
    'p',
    { class: 'likeness' },
    bar,
    element('span', {}, item.likeness),
    ' · ',
    element(
      'span',
      { class: 'cosine', title: 'Cosine similarity, 1 is identical' },
      item.similarity.toFixed(2),
    ),
  );
}
