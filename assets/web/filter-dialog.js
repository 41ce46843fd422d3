// @ts-check
/** Chooses values of one label: a sheet at the bottom of a phone, a small panel beside its chip elsewhere. */

import { byId, element, hiddenText } from './dom.js';

/** From this many values on there is a field to narrow the list down. */
const SEARCHABLE_FROM = 10;

const dialog = byId('filter-dialog', HTMLDialogElement);

dialog.addEventListener('click', (event) => {
  if (event.target === dialog) dialog.close();
});

/**
 * @param {{
 *   title: string,
 *   values: import('./api.js').LabelValues,
 *   chosen: readonly string[],
 *   anchor: () => Element,
 *   onChange: (values: string[]) => void,
 * }} options every change is passed on at once; the answer changes behind the dialog.
 */
export function openFilterDialog({ title, values, chosen, anchor, onChange }) {
  const selected = new Set(chosen);
  const options = values.map(({ value, count }) => {
    const box = element('input', { type: 'checkbox', checked: selected.has(value), value });
    box.addEventListener('change', () => {
      if (box.checked) selected.add(value);
      else selected.delete(value);
      onChange([...selected]);
    });
    const row = element(
      'label',
      { class: 'option' },
      box,
      title === 'Colour' && swatchOf(value),
      element('span', { class: 'option-value' }, value),
      element(
        'span',
        { class: 'option-count' },
        count.toLocaleString('en'),
        hiddenText(count === 1 ? ' item' : ' items'),
      ),
    );
    return { value, row };
  });

  const search = element('input', {
    class: 'option-search',
    type: 'search',
    placeholder: `Find a ${title.toLowerCase()}`,
    'aria-label': `Find a ${title.toLowerCase()}`,
    autocomplete: 'off',
  });
  search.addEventListener('input', () => {
    const wanted = search.value.trim().toLowerCase();
    for (const { value, row } of options) row.hidden = !value.toLowerCase().includes(wanted);
  });

  dialog.replaceChildren(
    element(
      'div',
      { class: 'filter-panel' },
      element(
        'div',
        { class: 'filter-head' },
        element('h2', { id: 'filter-dialog-title' }, title),
        closeButton(),
      ),
      values.length >= SEARCHABLE_FROM && search,
      element(
        'div',
        { class: 'options', role: 'group', 'aria-label': title, tabindex: '-1' },
        ...options.map(({ row }) => row),
      ),
    ),
  );
  dialog.showModal();
  placeBeside(anchor());
  // The list begins at its top, and no keyboard jumps up on a phone.
  options[0]?.row.querySelector('input')?.focus({ preventScroll: true });
  dialog.addEventListener(
    'close',
    () => {
      const chip = anchor();
      if (chip instanceof HTMLElement) chip.focus();
    },
    { once: true },
  );
}

// --- Internal helpers ---

function closeButton() {
  return element(
    'button',
    { class: 'button button-small', type: 'button', onclick: () => dialog.close() },
    'Done',
  );
}

/** A dot in the colour when the browser knows one of that name, for example `Navy Blue` as navy. @param {string} name */
function swatchOf(name) {
  const words = name.toLowerCase().split(/\s+/);
  const colour = [words.join(''), words[0], words[words.length - 1]].find((word) =>
    CSS.supports('color', word ?? ''),
  );
  const swatch = element('span', {
    class: colour ? 'swatch' : 'swatch swatch-unknown',
    'aria-hidden': 'true',
  });
  if (colour) swatch.style.setProperty('--swatch', colour);
  return swatch;
}

/** On a wide window the panel opens where there is room, above or below the chip. @param {Element} chip */
function placeBeside(chip) {
  dialog.style.removeProperty('inset');
  if (window.innerWidth < 600) return;
  const gap = 8;
  const at = chip.getBoundingClientRect();
  const { width, height } = dialog.getBoundingClientRect();
  const left = Math.max(gap, Math.min(at.left, window.innerWidth - width - gap));
  const above = at.top - height - gap;
  const below = Math.min(at.bottom + gap, window.innerHeight - height - gap);
  dialog.style.setProperty('inset', `${above > gap ? above : below}px auto auto ${left}px`);
}
