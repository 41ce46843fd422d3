// @ts-check
/** Formats shares as percentages. */

const PERCENT = new Intl.NumberFormat('en', { style: 'percent' });

/** @param {number} share 0 to 1. */
export function percent(share) {
  return PERCENT.format(share);
}
