// @ts-check
/** The panel besides the current run: sources, recent runs, model and index. */

import { element } from './dom.js';
import { count, duration, moment } from './inventory-words.js';

/** @typedef {import('./inventory-api.js').Inventory} Inventory */

/** @param {Inventory} inventory */
export function sourcesView({ sources }) {
  return section(
    'Sources',
    element(
      'ul',
      { class: 'rows' },
      ...sources.map(({ name, items, hidden, readAt }) =>
        element(
          'li',
          {},
          element('span', { class: 'row-name' }, name),
          element(
            'span',
            { class: 'row-note' },
            [
              items === null ? 'counting' : `${count(items)} items`,
              ...(hidden === 0 ? [] : [`${count(hidden)} out of stock, hidden`]),
              readAt === null ? 'as it ships' : `read ${moment(readAt)}`,
            ].join(' · '),
          ),
        ),
      ),
    ),
  );
}

/** @param {Inventory['runs']} runs */
export function pastRunsView(runs) {
  const over = runs.filter(({ outcome }) => outcome !== 'running');
  return section(
    'Last runs',
    over.length === 0
      ? element('p', { class: 'row-note' }, 'None yet.')
      : element('ul', { class: 'rows' }, ...over.map((run) => element('li', {}, ...pastRunParts(run)))),
  );
}

/**
 * @param {Inventory} inventory
 * @param {number} uptimeSeconds
 */
export function factsView({ model, engine, index, types, recall }, uptimeSeconds) {
  const { interactive, bulk } = engine.waiting;
  /** @type {[string, string][]} */
  const facts = [
    ['Items', `${count(index.size)}, of ${count(index.types)} types`],
    [
      'Most frequent',
      types.map(({ value, count: items }) => `${value} ${count(items)}`).join(', ') || 'none',
    ],
    ['Index built', index.createdAt === null ? 'not yet' : moment(index.createdAt)],
    ['Recall', recall === null ? 'being measured' : recallText(recall)],
    ['Model', `${model.name} ${model.version}, head ${model.head}`],
    ['Engine', `${engine.name} on ${engine.device}`],
    .../** @type {[string, string][]} */ (
      engine.skipped.map(({ engine: other, reason }) => ['Not used', `${other}: ${reason}`])
    ),
    ['Pictures waiting', `${count(interactive)} from people, ${count(bulk)} from imports`],
    ['Up for', duration(uptimeSeconds)],
  ];
  return section(
    'Status',
    element(
      'dl',
      { class: 'facts' },
      ...facts.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))),
    ),
  );
}

// --- Internal helpers ---

/** Outcomes that somebody asked for, so that there is nothing to repair. */
const ENDED_WELL = new Set(['finished', 'cancelled', 'stopped']);

/** @param {Inventory['runs'][number]} run */
function pastRunParts({ kind, full, who, startedAt, seconds, outcome, counts, reason }) {
  const changes = counts
    ? `${count(counts.added)} added, ${count(counts.changed)} changed, ${count(counts.removed)} removed`
    : ENDED_WELL.has(outcome)
      ? undefined
      : reason;
  return [
    element(
      'span',
      { class: ENDED_WELL.has(outcome) ? 'row-name' : 'row-name row-bad' },
      `${full ? 'Full ' : ''}${kind} ${outcome.replaceAll('-', ' ')}`.replace(/^./, (letter) =>
        letter.toUpperCase(),
      ),
    ),
    element(
      'span',
      { class: 'row-note' },
      [moment(startedAt), ...(seconds > 0 ? [duration(seconds)] : []), `by ${who}`].join(' · '),
    ),
    changes !== undefined && element('span', { class: 'row-note' }, changes),
  ].filter((part) => part !== false);
}

/** Rounded down, so that 99.99 % is not shown as 100 %. @param {NonNullable<Inventory['recall']>} recall */
function recallText({ value, k, queries }) {
  return `${Math.floor(value * 1000) / 10} % of the ${k} nearest are found (${queries} items tried)`;
}

/**
 * @param {string} title
 * @param {Node} content
 */
function section(title, content) {
  return element('section', {}, element('h3', {}, title), content);
}
