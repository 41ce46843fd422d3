// @ts-check
/** The panel in which the person at this machine inspects and reindexes the inventory. */

import { announce } from './conversation.js';
import { byId, element, hiddenText, icon } from './dom.js';
import { beginRun, getInventory, steerRun } from './inventory-api.js';
import { runView, summaryOfRun } from './inventory-run-view.js';
import { factsView, pastRunsView, sourcesView } from './inventory-views.js';
import { problemSummary } from './problem-view.js';

/** @typedef {import('./inventory-api.js').Inventory} Inventory */

/** How often the panel asks the server while a run is in progress, and while none is. */
const BUSY_INTERVAL_MS = 1000;
const IDLE_INTERVAL_MS = 5000;

const opener = byId('inventory', HTMLButtonElement);
const dialog = byId('inventory-dialog', HTMLDialogElement);
const run = element('section', { class: 'run', 'aria-labelledby': 'run-title' });
const details = element('div', { class: 'inventory-details' });
const trouble = element('p', { class: 'notice notice-weak', role: 'alert', hidden: true });

/** @type {ReturnType<typeof setTimeout> | undefined} */
let next;
/** What was rendered last, so that nothing unchanged is rendered again and the focus stays where it is. */
let drawn = { run: '', details: '' };
/** The last announcement to screen readers. */
let heard = '';

/** Offers the panel to those who may use it. */
export async function offerInventoryPanel() {
  const inventory = await getInventory().catch(() => undefined);
  if (!inventory?.local) return;
  opener.hidden = false;
  opener.addEventListener('click', open);
  dialog.addEventListener('close', () => clearTimeout(next));
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.append(
    element(
      'div',
      { class: 'inventory-panel' },
      element(
        'div',
        { class: 'inventory-head' },
        element('h2', { id: 'inventory-dialog-title' }, 'Inventory'),
        element(
          'button',
          { class: 'icon-button', type: 'button', onclick: () => dialog.close() },
          icon('close'),
          hiddenText('Close'),
        ),
      ),
      trouble,
      run,
      details,
    ),
  );
}

// --- Internal helpers ---

function open() {
  drawn = { run: '', details: '' };
  dialog.showModal();
  void refresh();
}

async function refresh() {
  clearTimeout(next);
  let busy = false;
  try {
    const inventory = await getInventory();
    if (!inventory.local) return;
    busy = inventory.run?.state.kind === 'running';
    draw(inventory);
    trouble.hidden = true;
  } catch (error) {
    show(error);
  }
  if (dialog.open) next = setTimeout(() => void refresh(), busy ? BUSY_INTERVAL_MS : IDLE_INTERVAL_MS);
}

/** @param {Inventory} inventory */
function draw(inventory) {
  const { run: current, uptimeSeconds, ...rest } = inventory;
  const minutes = Math.floor(uptimeSeconds / 60);
  const states = { run: JSON.stringify(current), details: JSON.stringify([rest, minutes]) };
  if (states.run !== drawn.run) {
    keepingFocus(run, () => run.replaceChildren(...runView(current, { begin, steer })));
    const summary = summaryOfRun(current);
    if (drawn.run !== '' && summary !== heard) announce(summary);
    heard = summary;
  }
  if (states.details !== drawn.details) {
    details.replaceChildren(
      sourcesView(inventory),
      pastRunsView(inventory.runs),
      factsView(inventory, uptimeSeconds),
    );
  }
  drawn = states;
}

/** @param {Parameters<typeof beginRun>[0]} what */
function begin(what) {
  void act(() => beginRun(what));
}

/**
 * @param {string} id
 * @param {Parameters<typeof steerRun>[1]} step
 */
function steer(id, step) {
  void act(() => steerRun(id, step));
}

/** @param {() => Promise<unknown>} action */
async function act(action) {
  for (const button of run.querySelectorAll('button')) button.disabled = true;
  // Render the result, the buttons included.
  drawn.run = '-';
  try {
    await action();
  } catch (error) {
    show(error);
  }
  await refresh();
}

/** @param {unknown} error */
function show(error) {
  trouble.textContent = problemSummary(error);
  trouble.hidden = false;
}

/**
 * Each state has new buttons: the focus moves to the one of the same name, or else to the first.
 * @param {HTMLElement} within
 * @param {() => void} change
 */
function keepingFocus(within, change) {
  const focused = document.activeElement;
  const name = focused && within.contains(focused) ? focused.textContent : undefined;
  // The button that was just clicked is disabled, so nothing has the focus any more.
  const lost = dialog.open && (focused === document.body || focused === dialog);
  change();
  if (name === undefined && !lost) return;
  const buttons = [...within.querySelectorAll('button')];
  (buttons.find(({ textContent }) => textContent === name) ?? buttons[0])?.focus();
}
