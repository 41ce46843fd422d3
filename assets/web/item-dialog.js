// @ts-check
/** Dialog of one item of a gallery, with buttons to the previous and the next one. */

import { availabilityView } from './availability-view.js';
import { byId, element, hiddenText, icon } from './dom.js';
import { percent } from './percent.js';

/**
 * @typedef {import('./api.js').Item} Item
 * @typedef {{ view: Node, caption: string }} Compared what is shown beside the picture of an item
 */

const LABEL_TITLES = {
  type: 'Type',
  colour: 'Colour',
  gender: 'For',
  category: 'Category',
  subcategory: 'Part of',
  season: 'Season',
  usage: 'Usage',
};

const dialog = byId('item-dialog', HTMLDialogElement);
/** @type {(step: number) => void} */
let move = () => {};

dialog.addEventListener('click', (event) => {
  if (event.target === dialog) dialog.close();
});
dialog.addEventListener('keydown', (event) => {
  if (event.key === 'ArrowLeft') move(-1);
  if (event.key === 'ArrowRight') move(1);
});

/**
 * @param {readonly Item[]} items
 * @param {number} index of the item to begin with.
 * @param {{ onSimilar: (item: Item) => void, compare: (index: number) => Compared | undefined }} actions
 */
export function openItemDialog(items, index, { onSimilar, compare }) {
  const close = element(
    'button',
    { class: 'icon-button dialog-close', type: 'button', onclick: () => dialog.close() },
    icon('close'),
    hiddenText('Close'),
  );
  const previous = stepButton('left', 'Previous item', () => move(-1));
  const next = stepButton('right', 'Next item', () => move(1));
  const pictures = element('div', { class: 'item-pictures' });
  const facts = element('div', { class: 'item-facts', 'aria-live': 'polite' });

  /** @param {number} to */
  const show = (to) => {
    const item = items[to];
    if (!item) return;
    index = to;
    previous.disabled = index === 0;
    next.disabled = index === items.length - 1;
    const compared = compare(index);
    const picture = element('img', {
      src: item.picture,
      alt: `Picture of ${item.title}`,
      draggable: 'false',
    });
    pictures.replaceChildren(
      ...(compared ? [figureOf(compared.view, compared.caption, 'compared')] : []),
      figureOf(picture, compared && 'This item', 'item-picture'),
    );
    dialog.classList.toggle('comparing', compared !== undefined);
    facts.replaceChildren(
      ...factsOf(item, () => {
        dialog.close();
        onSimilar(item);
      }),
    );
    // The focused element may be removed or disabled by now, and the dialog must still receive keys.
    const focused = document.activeElement;
    if (dialog.open && (!dialog.contains(focused) || focused?.matches(':disabled'))) close.focus();
  };
  move = (step) => show(index + step);
  show(index);
  dialog.replaceChildren(
    element(
      'div',
      { class: 'item-layout' },
      element('div', { class: 'item-stage' }, pictures, previous, next),
      facts,
      close,
    ),
  );
  dialog.showModal();
  close.focus();
}

// --- Internal helpers ---

/**
 * @param {Node} picture
 * @param {string | undefined} caption
 * @param {string} name of the class.
 */
function figureOf(picture, caption, name) {
  return element(
    'figure',
    { class: name },
    picture,
    caption !== undefined && element('figcaption', {}, caption),
  );
}

/**
 * @param {Item} item
 * @param {() => void} onSimilar
 */
function factsOf(item, onSimilar) {
  const labels = Object.entries(LABEL_TITLES).flatMap(([name, title]) => {
    const own = item.labels[name];
    const predicted = item.predicted[name];
    if (own === undefined && predicted === undefined) return [];
    const mark =
      own === undefined &&
      predicted &&
      element('span', { class: 'predicted' }, ` predicted, ${percent(predicted.probability)}`);
    return [
      element('div', {}, element('dt', {}, title), element('dd', {}, own ?? predicted?.value ?? '', mark)),
    ];
  });
  return [
    element('p', { class: 'item-rank' }, `No. ${item.rank}`),
    element('h2', { id: 'item-dialog-title' }, item.title),
    element(
      'p',
      { class: 'item-likeness' },
      `${item.likeness.charAt(0).toUpperCase()}${item.likeness.slice(1)} · `,
      element('span', { class: 'cosine' }, item.similarity.toFixed(2)),
      item.alike > 0 && ` · ${item.alike} more of the same product`,
    ),
    item.price !== null && element('p', { class: 'item-price' }, item.price),
    availabilityView(item),
    labels.length > 0 && element('dl', {}, ...labels),
    element(
      'div',
      { class: 'actions' },
      element(
        'button',
        { class: 'button button-primary', type: 'button', onclick: onSimilar },
        icon('similar'),
        'More like this',
      ),
      item.link !== null &&
        element(
          'a',
          { class: 'button', href: item.link, target: '_blank', rel: 'noopener noreferrer' },
          icon('link'),
          'View in shop',
          hiddenText(' (opens a new tab)'),
        ),
    ),
  ].filter((part) => part !== false);
}

/**
 * @param {'left' | 'right'} name
 * @param {string} label
 * @param {() => void} onclick
 */
function stepButton(name, label, onclick) {
  return element(
    'button',
    { class: `icon-button item-step item-step-${name}`, type: 'button', onclick },
    icon(name),
    hiddenText(label),
  );
}
