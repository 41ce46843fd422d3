// @ts-check
/**
 * One answer: cards, a note when nothing is close, *more*, and filters. It sends its own follow-up requests.
 *
 * @typedef {import('./api.js').Filter} Filter
 * @typedef {import('./api.js').Gallery} Gallery
 * @typedef {import('./api.js').Item} Item
 * @typedef {{
 *   heading: string,
 *   thumbnail?: { src: string, alt: string },
 *   again: (filter: Filter) => Promise<Gallery>,
 *   onSimilar: (item: Item) => void,
 * }} Origin `again` searches from scratch, for when the server has forgotten the gallery.
 */

import { getGallery, getLabels, ProblemError } from './api.js';
import { cardView } from './card-view.js';
import { announce } from './conversation.js';
import { element, hiddenText, icon, itemCount } from './dom.js';
import { openFilterDialog } from './filter-dialog.js';
import { openItemDialog } from './item-dialog.js';
import { percent } from './percent.js';
import { problemSummary, problemView } from './problem-view.js';

/** Labels to filter by, in the order of the chips. */
const FILTERS = { type: 'Type', colour: 'Colour', gender: 'Gender' };

/** Less probable predictions are not shown. */
const LEAST_PROBABILITY = 0.5;

let galleries = 0;

/**
 * @param {Gallery} first
 * @param {Origin} origin
 * @returns {HTMLElement}
 */
export function galleryView(first, origin) {
  const headingId = `gallery-${++galleries}`;
  /** @type {Filter} */
  let filter = first.filter;
  let id = first.id;
  /** @type {Item[]} */
  let items = [];
  /** Counts the requests, so that an outdated answer is dropped. */
  let latest = 0;

  const shows = element('p', { class: 'shows', hidden: true });
  const notice = element('p', { class: 'notice', hidden: true });
  const cards = element('ul', { class: 'cards' });
  const more = element(
    'button',
    { class: 'chip chip-more', type: 'button', onclick: showMore },
    icon('more'),
    'More',
  );
  const filters = element('div', { class: 'filters', role: 'group', 'aria-label': 'Filters' });
  const foot = element('div', { class: 'gallery-foot' }, more, filters);
  const trouble = element('div', { class: 'trouble', hidden: true });
  const view = element(
    'div',
    { class: 'gallery', role: 'group', 'aria-labelledby': headingId },
    element(
      'div',
      { class: 'gallery-head' },
      origin.thumbnail && element('img', { class: 'gallery-thumb', ...origin.thumbnail }),
      element('h2', { id: headingId }, origin.heading),
    ),
    shows,
    notice,
    cards,
    foot,
    trouble,
  );

  show(first);
  getLabels().then(drawFilters, () => {
    // Without the labels there is nothing to choose from; the answer is shown without filters.
  });
  return view;

  /** @param {Gallery} gallery */
  function show(gallery) {
    id = gallery.id;
    filter = gallery.filter;
    items = gallery.items;
    cards.replaceChildren(...items.map(cardOf));
    cards.scrollTo({ left: 0 });
    more.hidden = !gallery.more;
    const predicted = gallery.weak ? '' : predictedText(gallery.shows);
    shows.hidden = predicted === '';
    shows.textContent = predicted;
    notice.hidden = !gallery.weak && items.length > 0;
    notice.className = items.length === 0 ? 'notice' : 'notice notice-weak';
    notice.replaceChildren(...noticeOf(gallery));
  }

  /** @param {MouseEvent} event */
  async function showMore(event) {
    const page = await ask(
      (galleryId) => getGallery(galleryId, { offset: items.length, filter }),
      () => showMore(event),
    );
    if (!page) return;
    const added = page.items.map(cardOf);
    items = [...items, ...page.items];
    cards.append(...added);
    more.hidden = !page.more;
    announce(`${capital(itemCount(added.length))} more.`);
    const first = added[0];
    // Keyboard focus moves to the first new card; with a pointer nothing moves.
    if (event.detail === 0) first?.querySelector('button')?.focus();
    first?.scrollIntoView({ block: 'nearest', inline: 'start' });
    foot.scrollIntoView({ block: 'nearest' });
  }

  /** @param {Filter} wanted */
  async function refilter(wanted) {
    filter = wanted;
    getLabels().then(drawFilters, () => {});
    const gallery = await ask(
      (galleryId) => getGallery(galleryId, { filter: wanted }),
      () => refilter(wanted),
    );
    if (!gallery) return;
    show(gallery);
    getLabels().then(drawFilters, () => {});
    announce(summaryOf(gallery));
  }

  /**
   * Asks the server; when it has forgotten the gallery, searches again first. Shows what went wrong here.
   * @param {(galleryId: string) => Promise<Gallery>} request
   * @param {() => Promise<void>} again what the person wanted, from the start.
   * @returns {Promise<Gallery | undefined>} undefined when it failed or was overtaken.
   */
  async function ask(request, again) {
    const mine = ++latest;
    const wanted = filter;
    view.setAttribute('aria-busy', 'true');
    trouble.hidden = true;
    try {
      const gallery = await request(id).catch(async (error) => {
        if (!(error instanceof ProblemError) || error.slug !== 'unknown-gallery') throw error;
        id = (await origin.again(wanted)).id;
        return request(id);
      });
      return mine === latest ? gallery : undefined;
    } catch (error) {
      if (mine !== latest) return undefined;
      trouble.replaceChildren(problemView(error, { retry: () => void again() }));
      trouble.hidden = false;
      announce(problemSummary(error));
      return undefined;
    } finally {
      if (mine === latest) view.removeAttribute('aria-busy');
    }
  }

  /** @param {Item} item */
  function cardOf(item) {
    return cardView(item, {
      onOpen: () => openItemDialog(items, items.indexOf(item), { onSimilar: origin.onSimilar }),
      onSimilar: origin.onSimilar,
    });
  }

  /** @param {Record<string, import('./api.js').LabelValues>} labels */
  function drawFilters(labels) {
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
            chosen: filter[name] ?? [],
            // The chips are rendered again on every change; the dialog stays beside the current one.
            anchor: () => filters.querySelector(`[data-filter="${name}"]`) ?? filters,
            onChange: (values) => void refilter(withValues(filter, name, values)),
          }),
        );
        return button;
      });
    const active = Object.entries(filter).flatMap(([name, values]) =>
      values.map((value) =>
        element(
          'button',
          {
            type: 'button',
            class: 'chip chip-active',
            'data-filter': `${name}=${value}`,
            onclick: () =>
              void refilter(
                withValues(
                  filter,
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
      (same ?? active[0] ?? chips[0] ?? more).focus();
    }
  }
}

/** One sentence about an answer for people who hear it. @param {Gallery} gallery */
export function summaryOf(gallery) {
  const [best] = gallery.items;
  if (!best) return 'No item matches these filters.';
  const found = gallery.weak
    ? `No close match. The nearest ${itemCount(gallery.items.length)}:`
    : `${capital(itemCount(gallery.items.length))} found. Closest:`;
  return `${found} ${best.title}, ${best.likeness}.`;
}

// --- Internal helpers ---

/** @param {Gallery} gallery */
function noticeOf(gallery) {
  if (gallery.items.length === 0) return ['Nothing here matches these filters. Remove one to see more.'];
  if (!gallery.weak) return [];
  return [
    element('strong', {}, 'No close match.'),
    ' These are the nearest items, but none looks much like it.',
  ];
}

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

/** @param {string} text */
function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What the model tells of the photo. @param {import('./api.js').Predictions} shows */
function predictedText(shows) {
  const predicted = Object.keys(FILTERS).flatMap((label) => {
    const prediction = shows[label];
    return prediction && prediction.probability >= LEAST_PROBABILITY
      ? [`${prediction.value} ${percent(prediction.probability)}`]
      : [];
  });
  return predicted.length === 0 ? '' : `Looks like: ${predicted.join(' · ')}`;
}
