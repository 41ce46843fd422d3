// @ts-check
/** The person's photo, whole, with a button over each part that can be searched by. */

import { openBoxMarker } from './box-marker.js';
import { place } from './box-geometry.js';
import { announce } from './conversation.js';
import { element, icon } from './dom.js';

/** @typedef {import('./api.js').Box} Box */

const HINT = 'Drag over the photo to search a part of your own.';
const MARKING_HINT = 'Move the box and size it by its corner, or drag a new one.';
const TOO_SMALL = 'That part is too small to search. Drag over a larger one.';
/** Photos of a larger ratio of width to height stand above their answer instead of beside it. */
const WIDE_FROM = 1.15;

/**
 * @template Key
 * @param {{ src: string, alt: string }} photo
 * @param {{ onChoose: (key: Key) => void, onMark: (box: Box) => void, onShape: (isWide: boolean) => void }} actions
 *   `onShape` is called once the photo is loaded.
 */
export function photoView({ src, alt }, { onChoose, onMark, onShape }) {
  /** @type {{ key: Key, view: HTMLElement, button: HTMLButtonElement, area: number }[]} */
  const entries = [];
  let failed = false;
  const image = element('img', { src, alt, draggable: 'false' });
  const surface = element('div', { class: 'photo-surface' });
  const frame = element('div', { class: 'photo-frame' }, image, surface);
  const hint = element('p', { class: 'photo-hint' }, HINT);
  const mark = element(
    'button',
    { class: 'chip', type: 'button', onclick: () => marker.start() },
    icon('mark'),
    'Mark a part',
  );
  const search = element(
    'button',
    { class: 'chip chip-more', type: 'button', hidden: true, onclick: () => marker.finish() },
    'Search this part',
  );
  const cancel = element(
    'button',
    { class: 'chip', type: 'button', hidden: true, onclick: () => marker.cancel() },
    'Cancel',
  );
  const tools = element('div', { class: 'photo-tools', hidden: true }, mark, search, cancel, hint);
  const view = element('figure', { class: 'photo-view' }, frame, tools);

  const marker = openBoxMarker(surface, {
    onMark,
    onTooSmall() {
      hint.textContent = TOO_SMALL;
      announce(TOO_SMALL);
    },
    onModeChange(marking) {
      view.classList.toggle('marking', marking);
      mark.hidden = marking;
      search.hidden = cancel.hidden = !marking;
      hint.textContent = marking ? MARKING_HINT : HINT;
      if (!marking) mark.focus({ preventScroll: true });
    },
  });
  surface.inert = true;

  image.addEventListener('load', () => {
    const ratio = image.naturalWidth / image.naturalHeight;
    frame.style.setProperty('--ratio', String(ratio));
    view.classList.add('loaded');
    onShape(ratio >= WIDE_FROM);
  });
  // A format that the server reads and this browser does not: the answer stands alone.
  image.addEventListener('error', () => {
    failed = true;
    view.remove();
  });

  return {
    view,
    image,
    /** Whether this browser cannot show the photo. */
    get failed() {
      return failed;
    },
    /** From now on parts can be chosen and marked. */
    open() {
      surface.inert = false;
      tools.hidden = false;
    },
    /**
     * @param {Key} key
     * @param {{ name: string, box: Box, own?: boolean }} part
     */
    add(key, { name, box, own = false }) {
      const button = element('button', {
        class: 'part-button',
        type: 'button',
        onclick: () => onChoose(key),
      });
      button.setAttribute('aria-label', name);
      button.setAttribute('aria-pressed', 'false');
      const label = element('span', { class: 'part-name', 'aria-hidden': 'true' }, name);
      const part = element('div', { class: own ? 'part part-own' : 'part' }, button, label);
      place(part, box);
      // The name stands below the upper edge where there is no room above it.
      part.classList.toggle('part-at-top', box[1] < 0.08);
      part.classList.toggle('part-at-right', box[0] > 0.6);
      surface.append(part);
      entries.push({ key, view: part, button, area: (box[2] - box[0]) * (box[3] - box[1]) });
      // A small part lies above a large one that covers it.
      const byArea = [...entries].sort((a, b) => b.area - a.area);
      byArea.forEach((entry, place) => entry.view.style.setProperty('z-index', String(place + 1)));
    },
    /** @param {Key} key a key without a box on the photo selects none. */
    select(key) {
      for (const entry of entries) {
        const chosen = entry.key === key;
        entry.view.classList.toggle('part-chosen', chosen);
        entry.button.setAttribute('aria-pressed', String(chosen));
      }
      surface.classList.toggle(
        'has-chosen',
        entries.some((entry) => entry.key === key),
      );
    },
    /** @param {Key} key */
    remove(key) {
      const at = entries.findIndex((entry) => entry.key === key);
      for (const { view: gone } of at < 0 ? [] : entries.splice(at, 1)) gone.remove();
    },
  };
}
