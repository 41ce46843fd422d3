// @ts-check
/** The conversation: turns of the person and of the bot, scrolling, and announcements to screen readers. */

import { byId, element, hiddenText, icon } from './dom.js';

const list = byId('conversation', HTMLOListElement);
const announcements = byId('announcements', HTMLElement);

/**
 * Announces a short summary to screen readers, never the whole text of the cards.
 * @param {string} text
 */
export function announce(text) {
  announcements.append(element('p', {}, text));
  while (announcements.childElementCount > 20) announcements.firstElementChild?.remove();
}

/**
 * A turn of the person.
 * @param {...(Node | string)} content
 */
export function say(...content) {
  const turn = element('li', { class: 'turn turn-person' }, hiddenText('You:'), ...content);
  list.append(turn);
  scrollTo(turn);
  return turn;
}

/**
 * A turn of the bot that changes from waiting to an answer, and back when the person retries.
 * @param {{ follow?: boolean, beside?: Node | undefined }} [options] `follow` is whether the page scrolls to it; with several
 *   answers at once only the first one does. `beside` is shown while work is in progress.
 */
export function listenToBot({ follow = true, beside } = {}) {
  const bubble = element('div', { class: 'bubble' });
  const turn = element('li', { class: 'turn turn-bot' }, hiddenText('Answer:'), bubble);
  // The question stays in view above a long answer.
  const start = list.lastElementChild?.matches('.turn-person') ? list.lastElementChild : turn;
  list.append(turn);
  if (beside instanceof HTMLElement) {
    // A photo that has just got its height may have pushed the progress note out of view.
    const settle = () => follow && bubble.matches('.waiting') && scrollTo(turn, start);
    beside.addEventListener('load', settle, { capture: true });
  }
  return {
    /**
     * Shows that work is in progress.
     * @param {string} text
     * @returns {(text: string, share?: number) => void} changes the text and shows the progress, 0 to 1.
     */
    wait(text) {
      const words = element('span', {}, text);
      const dots = element('span', { class: 'dots', 'aria-hidden': 'true' }, ...dotsOf());
      const bar = element('span', { class: 'progress', hidden: true, 'aria-hidden': 'true' });
      bubble.className = 'bubble waiting';
      bubble.replaceChildren(
        ...(beside ? [beside] : []),
        element('p', { class: 'waiting-line' }, dots, words),
        bar,
      );
      if (follow) scrollTo(turn, start);
      return (newText, share) => {
        words.textContent = newText;
        bar.hidden = share === undefined;
        if (share !== undefined) bar.style.setProperty('--share', String(share));
      };
    },
    /**
     * @param {'answer' | 'problem'} kind
     * @param {...(Node | string)} content
     */
    show(kind, ...content) {
      bubble.className = `bubble ${kind}`;
      bubble.replaceChildren(...content);
      if (follow) scrollTo(turn, start);
    },
  };
}

/** A short note of the bot. @param {string} text */
export function note(text) {
  listenToBot().show('answer', element('p', {}, text));
  announce(text);
}

/**
 * The person's photos in a bubble. If the browser cannot show a photo, its name is shown instead.
 * @param {readonly { file: File, url: string }[]} photos
 */
export function photoBubble(photos) {
  const figures = photos.map(({ file, url }, index) => {
    const alt = photos.length > 1 ? `Photo ${index + 1}: ${file.name}` : `Your photo: ${file.name}`;
    const picture = element('img', { src: url, alt, class: 'sent-photo' });
    const figure = element('figure', {}, picture);
    picture.addEventListener('error', () => {
      figure.replaceChildren(
        element('span', { class: 'sent-file' }, icon('photo'), element('span', {}, file.name)),
      );
    });
    if (photos.length > 1) figure.append(element('figcaption', { 'aria-hidden': 'true' }, String(index + 1)));
    return figure;
  });
  return element('div', { class: `photos photos-${photos.length}` }, ...figures);
}

/** Clears the conversation except for the greeting. */
export function clear() {
  while (list.childElementCount > 1) list.lastElementChild?.remove();
  announcements.replaceChildren();
  window.scrollTo({ top: 0 });
}

// --- Internal helpers ---

function dotsOf() {
  return [1, 2, 3].map(() => element('i'));
}

/**
 * Scrolls to the whole turn, or to its beginning if it is taller than the window.
 * @param {Element} turn
 * @param {Element} [start] what stands at the top of the window then.
 */
function scrollTo(turn, start = turn) {
  const tall = turn.getBoundingClientRect().height > window.innerHeight * 0.7;
  (tall ? start : turn).scrollIntoView({ block: tall ? 'start' : 'end' });
}
