// @ts-check
/**
 * Tabs with a picture each, as the ARIA practices describe them: one stop for the Tab key, arrow keys go from tab to tab,
 * Delete removes a tab that can be removed. https://www.w3.org/WAI/ARIA/apg/patterns/tabs/
 */

import { element } from './dom.js';

let panels = 0;

/**
 * A single tab is not shown: there is nothing to choose.
 * @template Key
 * @param {string} label of the list, for screen readers.
 * @param {{ onChoose: (key: Key) => void, onRemove: (key: Key) => void }} actions
 */
export function tabsView(label, { onChoose, onRemove }) {
  /** @type {{ key: Key, tab: HTMLButtonElement, panel: HTMLElement, removable: boolean }[]} */
  const entries = [];
  const list = element('div', { class: 'tabs', role: 'tablist', 'aria-label': label, hidden: true });
  const holder = element('div', { class: 'tab-panels' });

  list.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    const at = entries.findIndex(({ tab }) => tab === document.activeElement);
    const entry = entries[at];
    if (!entry) return;
    const target = {
      ArrowLeft: at - 1 + entries.length,
      ArrowRight: at + 1,
      Home: 0,
      End: entries.length - 1,
    }[event.key];
    if (target !== undefined) {
      event.preventDefault();
      const next = entries[target % entries.length];
      next?.tab.focus();
      if (next) onChoose(next.key);
    } else if (event.key === 'Delete' && entry.removable) {
      event.preventDefault();
      onRemove(entry.key);
    }
  });

  function refresh() {
    const several = entries.length > 1;
    list.hidden = !several;
    for (const { tab, panel } of entries) {
      if (several) {
        panel.setAttribute('role', 'tabpanel');
        panel.setAttribute('aria-labelledby', tab.id);
      } else {
        panel.removeAttribute('role');
        panel.removeAttribute('aria-labelledby');
      }
    }
  }

  return {
    list,
    holder,
    /**
     * @param {Key} key
     * @param {{ name: string, picture: Node, removable?: boolean }} options
     * @returns {HTMLElement} the panel of the tab.
     */
    add(key, { name, picture, removable = false }) {
      const id = `panel-${++panels}`;
      const tab = element(
        'button',
        { class: 'tab', type: 'button', role: 'tab', id: `${id}-tab`, 'aria-controls': id },
        element('span', { class: 'tab-picture' }, picture),
        element('span', { class: 'tab-name' }, name),
      );
      tab.addEventListener('click', () => onChoose(key));
      const panel = element('div', { class: 'tab-panel', id, hidden: true });
      entries.push({ key, tab, panel, removable });
      list.append(tab);
      holder.append(panel);
      refresh();
      return panel;
    },
    /** @param {Key} key */
    select(key) {
      for (const entry of entries) {
        const chosen = entry.key === key;
        entry.tab.setAttribute('aria-selected', String(chosen));
        entry.tab.tabIndex = chosen ? 0 : -1;
        entry.panel.hidden = !chosen;
        if (!chosen) continue;
        // Only sideways: the page itself must not move.
        const { offsetLeft, offsetWidth } = entry.tab;
        list.scrollTo({ left: offsetLeft - (list.clientWidth - offsetWidth) / 2 });
      }
    },
    /** @param {Key} key */
    focus(key) {
      entries.find((entry) => entry.key === key)?.tab.focus();
    },
    /** @param {Key} key */
    remove(key) {
      const at = entries.findIndex((entry) => entry.key === key);
      for (const { tab, panel } of entries.splice(at, 1)) {
        tab.remove();
        panel.remove();
      }
      refresh();
    },
  };
}
