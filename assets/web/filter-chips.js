// @ts-check
/** The chips of one gallery's filters: those that are set, each removed by a press, and one for each label to filter by. */

import { element, hiddenText, icon } from './dom.js';
import { openFilterDialog } from './filter-dialog.js';

/** @typedef {import('./api.js').Filter} Filter */

/** Labels to filter by, in the order of the chips. */
export const FILTERS = { type: 'Type', colour: 'Colour', gender: 'Gender' };

/**
 * @param {HTMLElement} filters holds the chips; those that it holds already are replaced.
 * @param {Record<string, import('./api.js').LabelValues>} labels
 * @param {{ current: () => Filter, onChange: (wanted: Filter) => void, orElse: HTMLElement }} options
 *   `current` is the filter that is set, `orElse` is focused when no chip is left.
 */
export function drawFilterChips(filters, labels, { current, onChange, orElse }) {
  const chips = Object.entries(FILTERS)
    .filter(([name]) => (labels[name]?.length ?? 0) > 1)
    .map(([name, title]) => {
      const button = element(
        'button',
        { type: 'button', class: 'chip', 'aria-haspopup': 'dialog', 'data-filter': name },
        title,
        icon('down'),
      );
      button.addEventListener('click', () =>
        openFilterDialog({
          title,
          values: labels[name] ?? [],
          chosen: current()[name] ?? [],
          // The chips are rendered again on every change; the dialog stays beside the current one.
          anchor: () => filters.querySelector(`[data-filter="${name}"]`) ?? filters,
          onChange: (values) => onChange(withValues(current(), name, values)),
        }),
      );
      return button;
    });
  const active = Object.entries(current()).flatMap(([name, values]) =>
    values.map((value) =>
      element(
        'button',
        {
          type: 'button',
          class: 'chip chip-active',
          'data-filter': `${name}=${value}`,
          onclick: () =>
            onChange(
              withValues(
                current(),
                name,
                values.filter((other) => other !== value),
              ),
            ),
        },
        hiddenText('Remove filter '),
        value,
        icon('close'),
      ),
    ),
  );
  const held = document.activeElement;
  const heldKey = held && filters.contains(held) ? held.getAttribute('data-filter') : null;
  // What narrows the answer comes first, so that it is seen on a phone without swiping.
  filters.replaceChildren(...active, ...chips);
  // The keyboard stays where it was, or goes to the nearest thing when its chip is gone.
  if (heldKey !== null) {
    const same = [...chips, ...active].find((chip) => chip.getAttribute('data-filter') === heldKey);
    (same ?? active[0] ?? chips[0] ?? orElse).focus();
  }
}

// --- Internal helpers ---

/**
 * @param {Filter} filter
 * @param {string} name
 * @param {string[]} values
 * @returns {Filter}
 */
function withValues(filter, name, values) {
  const { [name]: _replaced, ...others } = filter;
  return values.length > 0 ? { ...others, [name]: values } : others;
}
