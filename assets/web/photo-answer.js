// @ts-check
/** The answer to one photo: the photo with its garments, and beside it a tab for the whole and for each part. */

import { getGallery, ProblemError, sendPhoto } from './api.js';
import { announce } from './conversation.js';
import { cropView } from './crop-view.js';
import { element, icon } from './dom.js';
import { garmentName, garmentNames } from './garment-names.js';
import { galleryView } from './gallery-view.js';
import { summaryOf } from './gallery-words.js';
import { photoView } from './photo-view.js';
import { prepare } from './photo-input.js';
import { problemSummary, problemView } from './problem-view.js';
import { tabsView } from './tabs-view.js';

/**
 * @typedef {import('./api.js').Box} Box
 * @typedef {import('./api.js').Filter} Filter
 * @typedef {import('./api.js').Gallery} Gallery
 * @typedef {import('./api.js').Garment} Garment
 * @typedef {import('./api.js').Item} Item
 * @typedef {{
 *   name: string,
 *   box: Box | undefined,
 *   own: boolean,
 *   search: (filter?: Filter) => Promise<Gallery>,
 *   again: (filter: Filter) => Promise<Gallery>,
 * }} Part what can be searched by: the whole photo, a garment, a part that the person marked. `search` asks for its gallery,
 *   `again` searches from scratch, for when the server has forgotten it.
 */

/** Longest side of a crop in pixels: in a tab, and in the dialog beside an item. */
const THUMB_SIDE = 160;
const COMPARED_SIDE = 900;

/**
 * @param {{ file: File, url: string }} photo
 * @param {{ name: string | undefined, onSimilar: (item: Item) => void }} options `name` of one of several photos.
 */
export function photoAnswer({ file, url }, { name, onSimilar }) {
  const about = name ? `${name}, ` : '';
  /** @type {Part | undefined} */
  let chosen;
  let marked = 0;
  /** @type {Garment[]} */
  let garments = [];
  /** @type {Promise<Gallery> | undefined} */
  let renewed;

  /** @type {ReturnType<typeof photoView<Part>>} */
  const photo = photoView(
    { src: url, alt: name ?? 'Your photo' },
    {
      onChoose: (part) => choose(part),
      onMark: (box) => mark(box),
      onShape: (isWide) => view.classList.toggle('photo-answer-wide', isWide),
    },
  );
  /** @type {ReturnType<typeof tabsView<Part>>} */
  const tabs = tabsView(name ? `Parts of ${name.toLowerCase()}` : 'Parts of the photo', {
    onChoose: (part) => choose(part),
    onRemove: (part) => remove(part),
  });
  const view = element(
    'div',
    { class: 'photo-answer' },
    photo.view,
    element('div', { class: 'photo-results' }, tabs.list, tabs.holder),
  );
  /** @type {Map<Part, { panel: HTMLElement, isAsked: boolean }>} */
  const panels = new Map();
  /** @type {Part | undefined} */
  let whole;

  /** @param {Part} part */
  function add(part) {
    const picture = cropView(photo.image, part.box, { side: THUMB_SIDE });
    panels.set(part, {
      panel: tabs.add(part, { name: part.name, picture, removable: part.own }),
      isAsked: false,
    });
    if (part.box) photo.add(part, { name: part.name, box: part.box, own: part.own });
  }

  /**
   * @param {Part} part
   * @param {{ quiet?: boolean }} [options] `quiet`: it is not announced.
   */
  function choose(part, { quiet = false } = {}) {
    const entry = panels.get(part);
    if (!entry || chosen === part) return;
    chosen = part;
    tabs.select(part);
    photo.select(part);
    if (!entry.isAsked) void ask(part, entry);
    else if (!quiet) announce(`${about}${part.name}.`);
  }

  /**
   * @param {Part} part
   * @param {{ panel: HTMLElement, isAsked: boolean }} entry
   */
  async function ask(part, entry) {
    entry.isAsked = true;
    const dots = element(
      'span',
      { class: 'dots', 'aria-hidden': 'true' },
      ...[1, 2, 3].map(() => element('i')),
    );
    entry.panel.replaceChildren(element('p', { class: 'tab-waiting' }, dots, 'Looking for similar items'));
    if (part.own) entry.panel.append(removeButton(part));
    try {
      const gallery = await part.search();
      draw(part, gallery);
      announce(`${about}${part.name}. ${summaryOf(gallery)}`);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      entry.panel.replaceChildren(problemView(error, { retry: () => void ask(part, entry) }));
      if (part.own) entry.panel.append(removeButton(part));
      else entry.isAsked = error.passing;
      announce(`${about}${part.name}. ${problemSummary(error)}`);
    }
  }

  /**
   * @param {Part} part
   * @param {Gallery} gallery
   */
  function draw(part, gallery) {
    const entry = panels.get(part);
    if (!entry) return;
    entry.isAsked = true;
    const parts = [name, part === whole ? undefined : part.name].filter((text) => text !== undefined);
    const heading = parts.length === 0 ? 'Closest items' : `${parts.join(', ')}: closest items`;
    entry.panel.replaceChildren(
      galleryView(gallery, {
        heading,
        again: part.again,
        onSimilar,
        compare: (items, index) => compareWith(part, items, index),
      }),
    );
    if (part.own) entry.panel.append(removeButton(part));
  }

  /**
   * The photo, or what of it an item was found for, to be shown beside the item.
   * @param {Part} part
   * @param {readonly Item[]} items
   * @param {number} index
   */
  function compareWith(part, items, index) {
    // A photo that this browser cannot show is not compared.
    if (photo.failed) return undefined;
    const garment = part === whole ? garmentOf(items, index) : undefined;
    const box = garment?.box ?? part.box;
    const what = garment ? garmentName(garment.kind) : part.box ? part.name : undefined;
    const label = what ? `${what} in your photo` : 'Your photo';
    return { view: cropView(photo.image, box, { side: COMPARED_SIDE, label }), caption: label };
  }

  /**
   * An item names only the kind of its garment. Of several garments of a kind, each has the first item in turn.
   * @param {readonly Item[]} items
   * @param {number} index
   */
  function garmentOf(items, index) {
    const kind = items[index]?.garment;
    const alike = garments.filter((garment) => garment.kind === kind);
    const before = items.slice(0, index).filter((item) => item.garment === kind).length;
    return alike[before] ?? alike[0];
  }

  /** @param {Box} box */
  function mark(box) {
    const search = async (/** @type {Filter | undefined} */ filter) =>
      sendPhoto(await prepare(file), { box, ...(filter && { filter }) });
    marked++;
    /** @type {Part} */
    const part = { name: `Part ${marked}`, box, own: true, search, again: search };
    add(part);
    choose(part);
    tabs.focus(part);
  }

  /** @param {Part} part */
  function remove(part) {
    panels.delete(part);
    photo.remove(part);
    tabs.remove(part);
    if (!whole) return;
    choose(whole);
    tabs.focus(whole);
    announce(`${part.name} removed.`);
  }

  /** @param {Part} part */
  function removeButton(part) {
    return element(
      'button',
      { class: 'chip part-remove', type: 'button', onclick: () => remove(part) },
      icon('close'),
      `Remove ${part.name.toLowerCase()}`,
    );
  }

  /** Sends the photo again, once for all garments, after the server has forgotten it. */
  function renew() {
    renewed ??= prepare(file)
      .then((prepared) => sendPhoto(prepared))
      .finally(() => {
        renewed = undefined;
      });
    return renewed;
  }

  /**
   * @param {Garment} garment
   * @param {string} partName
   * @returns {Part}
   */
  function partOf(garment, partName) {
    /** @param {Filter} [filter] */
    const again = async (filter) => {
      const place = garments.indexOf(garment);
      const { garments: found } = await renew();
      const same = found[place]?.kind === garment.kind ? found[place] : undefined;
      const handle = (same ?? found.find(({ kind }) => kind === garment.kind))?.gallery;
      return getGallery(handle ?? garment.gallery, { ...(filter && { filter }) });
    };
    return {
      name: partName,
      box: garment.box,
      own: false,
      again,
      search: () =>
        getGallery(garment.gallery, {}).catch((error) => {
          if (error instanceof ProblemError && error.slug === 'unknown-gallery') return again();
          throw error;
        }),
    };
  }

  return {
    /** The photo alone, while the answer is awaited. */
    photo: photo.view,
    /**
     * @param {Gallery} gallery
     * @returns {HTMLElement}
     */
    show(gallery) {
      ({ garments } = gallery);
      const names = garmentNames(garments);
      // A garment that the whole photo is searched by has no tab of its own.
      const main = garments.findIndex((garment) => garment.gallery === gallery.id);
      const outfit = main < 0 && garments.length > 0;
      const again = async (/** @type {Filter} */ filter) => sendPhoto(await prepare(file), { filter });
      whole = {
        name: names[main] ?? (outfit ? 'Whole look' : 'Whole photo'),
        box: garments[main]?.box,
        own: false,
        search: () => Promise.resolve(gallery),
        again,
      };
      if (!photo.failed) view.prepend(photo.view);
      add(whole);
      garments.forEach((garment, place) => {
        if (place !== main) add(partOf(garment, names[place] ?? garment.kind));
      });
      photo.open();
      draw(whole, gallery);
      choose(whole, { quiet: true });
      return view;
    },
  };
}
