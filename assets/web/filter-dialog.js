// @ts-check
/** Dialog to choose values of one label: a bottom sheet on a phone, elsewhere a small panel beside its chip. */

import { byId, element, hiddenText } from './dom.js';

/** From this many values on, a search field narrows the list. */
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
 * }} options every change takes effect at once; the answer updates behind the dialog.
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
  // The list starts at the top, and no on-screen keyboard opens on a phone.
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

/** A dot in the colour, if the browser knows one by that name (`Navy Blue` as navy). @param {string} name */
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

/** In a wide window the panel opens above or below the chip, where there is room. @param {Element} chip */
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
