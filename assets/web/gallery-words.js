// @ts-check
/** What is said about a gallery as a whole. */

import { element, itemCount } from './dom.js';
import { FILTERS } from './filter-chips.js';
import { percent } from './percent.js';

/** @typedef {import('./api.js').Gallery} Gallery */

const NO_GARMENT = 'I see no garment in this photo.';
const SEVERAL_PEOPLE = 'There are several people in this photo: the most prominent one comes first.';
/** Less probable predictions are not shown. */
const LEAST_PROBABILITY = 0.5;

/** One sentence about an answer for people who hear it. @param {Gallery} gallery */
export function summaryOf(gallery) {
  if (!gallery.garmentSeen && gallery.items.length === 0) return NO_GARMENT;
  const [best] = gallery.items;
  if (!best) return 'No item matches these filters.';
  const found = gallery.weak
    ? `No close match. The nearest ${itemCount(gallery.items.length)}:`
    : `${capital(itemCount(gallery.items.length))} found. Closest:`;
  return [
    gallery.garmentSeen ? undefined : NO_GARMENT,
    gallery.severalPeople ? SEVERAL_PEOPLE : undefined,
    `${found} ${best.title}, ${best.likeness}.`,
  ]
    .filter((sentence) => sentence !== undefined)
    .join(' ');
}

/**
 * What a reader must know before the items.
 * @param {Gallery} gallery
 * @returns {{ parts: (Node | string)[], isWarning: boolean } | undefined}
 */
export function noticeOf(gallery) {
  const isEmpty = gallery.items.length === 0;
  if (!gallery.garmentSeen) {
    const parts = isEmpty ? [NO_GARMENT] : [strong(NO_GARMENT), ' These are the nearest items anyway.'];
    return { parts, isWarning: !isEmpty };
  }
  if (isEmpty) {
    return { parts: ['Nothing here matches these filters. Remove one to see more.'], isWarning: false };
  }
  if (!gallery.weak) return undefined;
  const parts = [strong('No close match.'), ' These are the nearest items, but none looks much like it.'];
  return { parts, isWarning: true };
}

/** @param {Gallery} gallery @returns {string} empty when there is nothing to say. */
export function aboutPhoto(gallery) {
  const people = gallery.severalPeople ? [SEVERAL_PEOPLE] : [];
  const predicted = gallery.weak || !gallery.garmentSeen ? [] : predictedText(gallery.shows);
  return [...people, ...predicted].join(' ');
}

/** @param {string} text */
export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

// --- Internal helpers ---

/** @param {string} text */
function strong(text) {
  return element('strong', {}, text);
}

/** What the model tells of the photo. @param {import('./api.js').Predictions} shows */
function predictedText(shows) {
  const predicted = Object.keys(FILTERS).flatMap((label) => {
    const prediction = shows[label];
    return prediction && prediction.probability >= LEAST_PROBABILITY
      ? [`${prediction.value} ${percent(prediction.probability)}`]
      : [];
  });
  return predicted.length === 0 ? [] : [`Looks like: ${predicted.join(' · ')}`];
}
