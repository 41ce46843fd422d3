// @ts-check
/** One reindex run: its progress, what it would change or has changed, and what can be done next. */

import { element } from './dom.js';
import { count, duration } from './inventory-words.js';

/** @typedef {import('./inventory-api.js').Run} Run */
/** @typedef {import('./inventory-api.js').RunState} RunState */
/**
 * @typedef {{
 *   begin: (what: Parameters<typeof import('./inventory-api.js').beginRun>[0]) => void,
 *   steer: (id: string, step: Parameters<typeof import('./inventory-api.js').steerRun>[1]) => void,
 * }} Actions
 */

const SHOWN_REASONS = 5;

/**
 * @param {Run | null} run
 * @param {Actions} actions
 * @returns {HTMLElement[]}
 */
export function runView(run, actions) {
  if (run?.state.kind === 'running') return runningView(run, run.state, actions);
  return [
    heading(run ? titleOf(run) : 'Reindex the inventory'),
    ...(run
      ? endView(run, actions)
      : [
          element(
            'p',
            { class: 'run-lead' },
            'Only new or changed items are read. Photos are answered meanwhile.',
          ),
        ]),
    element(
      'div',
      { class: 'actions' },
      button('Reindex', () => actions.begin({ kind: 'reindex' }), run?.state.kind !== 'needs-confirmation'),
      button('Plan only', () => actions.begin({ kind: 'plan' })),
      button('Rebuild everything', () => actions.begin({ kind: 'full' })),
    ),
  ];
}

/** A short announcement for screen readers: only changes of state, not every step. @param {Run | null} run */
export function summaryOfRun(run) {
  if (!run) return '';
  return `${titleOf(run)}.`;
}

// --- Internal helpers ---

/**
 * @param {Run} run
 * @param {Extract<RunState, { kind: 'running' }>} state
 * @param {Actions} actions
 */
function runningView(run, { phase, canPause, progress }, { steer }) {
  const known = progress !== null && progress.total > 0 ? progress : undefined;
  const text = known
    ? `${known.phase === 'index' ? 'Building the index' : 'Items'}: ${count(known.done)} of ${count(known.total)}`
    : 'Opening the sources';
  const bar = element('progress', {
    class: 'run-bar',
    'aria-label': text,
    ...(known && { value: String(known.done), max: String(known.total) }),
  });
  return [
    heading(titleOf(run)),
    element(
      'p',
      { class: 'run-step' },
      element('span', {}, text),
      known && element('span', {}, `${Math.floor((100 * known.done) / known.total)} %`),
    ),
    bar,
    element(
      'div',
      { class: 'actions' },
      phase === 'paused' && button('Resume', () => steer(run.id, 'resume'), true),
      canPause && button('Pause', () => steer(run.id, 'pause')),
      phase !== 'cancelling' && button('Cancel', () => steer(run.id, 'cancel')),
    ),
  ];
}

/**
 * @param {Run} run
 * @param {Actions} actions
 */
function endView(run, { begin }) {
  const { state } = run;
  switch (state.kind) {
    case 'planned':
      return [
        ...lossViews(state.plan.losses),
        changesView(state.plan, 'Searchable items afterwards'),
        ...sourceTable(state.plan.sources),
        ...reasonsView(state.plan),
      ];
    case 'needs-confirmation':
      return [
        ...lossViews(state.plan.losses),
        element(
          'p',
          {},
          'Nothing was changed. If the loss is intended, confirm it; otherwise check the source first.',
        ),
        changesView(state.plan, 'Searchable items afterwards'),
        element(
          'div',
          { class: 'actions' },
          button('Confirm the loss', () => begin({ kind: 'confirm', run: run.id }), true),
        ),
        ...reasonsView(state.plan),
      ];
    case 'finished':
      return [changesView(state.summary, 'Searchable items'), ...reasonsView(state.summary)];
    case 'failed':
      return [element('p', { class: 'notice notice-weak' }, state.reason)];
    default:
      return [
        element(
          'p',
          { class: 'run-lead' },
          run.kind === 'plan'
            ? 'Nothing was changed.'
            : 'The old inventory still answers. What was read so far is reused next time.',
        ),
      ];
  }
}

/** @param {Run} run */
function titleOf({ kind, full, state }) {
  const what = kind === 'plan' ? 'Plan' : full ? 'Full reindex' : 'Reindex';
  switch (state.kind) {
    case 'running':
      if (state.phase === 'paused') return `${what} is paused`;
      if (state.phase === 'cancelling') return `${what} is being cancelled`;
      return kind === 'plan' ? 'Checking what would change' : `${what} is running`;
    case 'planned':
      return `A reindex would change this (${duration(state.plan.seconds)})`;
    case 'needs-confirmation':
      return `${what} needs your confirmation`;
    case 'finished':
      return `${what} finished in ${duration(state.summary.seconds)}`;
    default:
      return `${what} ${state.kind} after ${duration(state.seconds)}`;
  }
}

/** @param {import('./inventory-api.js').Plan['losses']} losses */
function lossViews(losses) {
  return losses.map(({ source, before, removed }) =>
    element(
      'p',
      { class: 'notice notice-weak' },
      `“${source}” would lose ${count(removed)} of its ${count(before)} items. More often a source is broken than that much smaller.`,
    ),
  );
}

/**
 * @param {import('./inventory-api.js').Counts} counts
 * @param {string} totalName
 */
function changesView({ added, changed, removed, unchanged, rejected, total }, totalName) {
  /** @type {[string, number][]} */
  const facts = [
    ['Added', added],
    ['Changed', changed],
    ['Removed', removed],
    ['Unchanged', unchanged],
    ['Not usable', rejected],
    [totalName, total],
  ];
  return element(
    'dl',
    { class: 'run-counts' },
    ...facts.map(([name, value]) =>
      element('div', {}, element('dt', {}, name), element('dd', {}, count(value))),
    ),
  );
}

/** @param {import('./inventory-api.js').SourceChanges[]} sources */
function sourceTable(sources) {
  if (sources.length < 2) return [];
  const columns = ['Source', 'Added', 'Changed', 'Removed', 'Unchanged', 'Not usable'];
  return [
    element(
      'div',
      { class: 'table-scroll', tabindex: '0', role: 'region', 'aria-label': 'Changes by source' },
      element(
        'table',
        { class: 'run-table' },
        element(
          'thead',
          {},
          element('tr', {}, ...columns.map((name) => element('th', { scope: 'col' }, name))),
        ),
        element(
          'tbody',
          {},
          ...sources.map(({ name, added, changed, removed, unchanged, rejected }) =>
            element(
              'tr',
              {},
              element('th', { scope: 'row' }, name),
              ...[added, changed, removed, unchanged, rejected].map((value) =>
                element('td', {}, count(value)),
              ),
            ),
          ),
        ),
      ),
    ),
  ];
}

/** @param {{ rejected: number, reasons: { where: string, reason: string }[] }} counts */
function reasonsView({ rejected, reasons }) {
  if (rejected === 0) return [];
  const shown = reasons.slice(0, SHOWN_REASONS);
  const rest = rejected - shown.length;
  return [
    element(
      'details',
      { class: 'run-reasons' },
      element(
        'summary',
        {},
        rejected === 1 ? 'Why one record cannot be used' : `Why ${count(rejected)} records cannot be used`,
      ),
      element(
        'ul',
        { class: 'list' },
        ...shown.map(({ where, reason }) => element('li', {}, `${where}: ${reason}`)),
        rest > 0 && element('li', {}, `and ${count(rest)} more`),
      ),
    ),
  ];
}

/** @param {string} text */
function heading(text) {
  return element('h3', { id: 'run-title', class: 'run-title' }, text);
}

/**
 * @param {string} text
 * @param {() => void} onclick
 * @param {boolean} [primary]
 */
function button(text, onclick, primary = false) {
  return element(
    'button',
    { class: primary ? 'button button-primary' : 'button', type: 'button', onclick },
    text,
  );
}
