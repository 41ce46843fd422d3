// @ts-check
/**
 * One answer: cards, a note when nothing is close, *more*, and filters. It sends its own follow-up requests.
 *
 * @typedef {import('./api.js').Filter} Filter
 * @typedef {import('./api.js').Gallery} Gallery
 * @typedef {import('./api.js').Item} Item
 * @typedef {{
 *   heading: string,
 *   again: (filter: Filter) => Promise<Gallery>,
 *   onSimilar: (item: Item) => void,
 *   compare?: (items: readonly Item[], index: number) => import('./item-dialog.js').Compared | undefined,
 * }} Origin `again` searches from scratch, for when the server has forgotten the gallery; `compare` gives what is shown beside
 *   an item in its dialog.
 */

import { getGallery, getLabels, ProblemError } from './api.js';
import { cardView } from './card-view.js';
import { announce } from './conversation.js';
import { element, icon, itemCount } from './dom.js';
import { drawFilterChips } from './filter-chips.js';
import { garmentName } from './garment-names.js';
import { aboutPhoto, capital, noticeOf, summaryOf } from './gallery-words.js';
import { openItemDialog } from './item-dialog.js';
import { problemSummary, problemView } from './problem-view.js';

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
  const anyway = element(
    'button',
    { class: 'button', type: 'button', hidden: true, onclick: showAnyway },
    'Show the nearest anyway',
  );
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
    element('h2', { id: headingId, class: 'gallery-heading' }, origin.heading),
    shows,
    notice,
    anyway,
    cards,
    foot,
    trouble,
  );

  show(first);
  drawFilters();
  return view;

  /** @param {Gallery} gallery */
  function show(gallery) {
    id = gallery.id;
    filter = gallery.filter;
    items = gallery.items;
    cards.replaceChildren(...items.map((item) => cardOf(item, gallery)));
    cards.scrollTo({ left: 0 });
    more.hidden = !gallery.more;
    const about = aboutPhoto(gallery);
    shows.hidden = about === '';
    shows.textContent = about;
    const said = noticeOf(gallery);
    notice.hidden = said === undefined;
    notice.className = said?.isWarning ? 'notice notice-weak' : 'notice';
    notice.replaceChildren(...(said?.parts ?? []));
    const isWithheld = !gallery.garmentSeen && items.length === 0 && Object.keys(filter).length === 0;
    anyway.hidden = !isWithheld || !gallery.more;
    foot.hidden = isWithheld;
  }

  async function showAnyway() {
    const gallery = await ask((galleryId) => getGallery(galleryId, { filter }), showAnyway);
    if (!gallery) return;
    const held = document.activeElement === anyway;
    show(gallery);
    announce(summaryOf(gallery));
    if (held) cards.querySelector('button')?.focus({ preventScroll: true });
  }

  /** @param {MouseEvent} event */
  async function showMore(event) {
    const page = await ask(
      (galleryId) => getGallery(galleryId, { offset: items.length, filter }),
      () => showMore(event),
    );
    if (!page) return;
    const added = page.items.map((item) => cardOf(item, page));
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
    drawFilters();
    const gallery = await ask(
      (galleryId) => getGallery(galleryId, { filter: wanted }),
      () => refilter(wanted),
    );
    if (!gallery) return;
    show(gallery);
    drawFilters();
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

  /**
   * @param {Item} item
   * @param {Gallery} gallery
   */
  function cardOf(item, gallery) {
    // In the gallery of one garment it would be the same word on every card.
    const garment = gallery.kind === null && item.garment !== null ? garmentName(item.garment) : undefined;
    const { onSimilar, compare } = origin;
    return cardView(item, {
      garment,
      onOpen: () =>
        openItemDialog(items, items.indexOf(item), {
          onSimilar,
          compare: (index) => compare?.(items, index),
        }),
      onSimilar,
    });
  }

  /** Without the labels there is nothing to choose from; the answer is shown without filters. */
  function drawFilters() {
    getLabels().then(
      (labels) =>
        drawFilterChips(filters, labels, {
          current: () => filter,
          onChange: (wanted) => void refilter(wanted),
          orElse: more,
        }),
      () => {},
    );
  }
}
