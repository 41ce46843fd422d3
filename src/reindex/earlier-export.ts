/** Recognises the next of several exports that a shop writes under dated names. */

import { basename, extname } from 'node:path';
import { isWebAddress } from '../sources/open-source.ts';

/**
 * The known source of which a file is another export: the names only differ in a date or in the number that a browser adds to a
 * second download. `shop-2026-12.csv` is another export of `shop-2026-11`. Undefined for anything else.
 */
export function earlierExport(path: string, known: readonly string[]): string | undefined {
  if (isWebAddress(path) || extname(path) === '') return undefined;
  const name = basename(path, extname(path));
  if (known.includes(name)) return undefined;
  const stem = withoutDate(name);
  return known.find(
    (other) => withoutDate(other) === stem && (stem !== name || other !== withoutDate(other)),
  );
}

// --- Internal helpers ---

/** Year first or last, with or without day, month and time; and ` (1)`. */
const DATES = [
  /\s*\(\d{1,3}\)$/,
  /[-_. ]?(?<!\d)(19|20)\d\d[-_. ]?(0[1-9]|1[0-2])([-_. ]?(0[1-9]|[12]\d|3[01]))?([-_. T]?\d{2}[-_.h]?\d{2}([-_.]?\d{2})?)?(?!\d)/,
  /[-_. ]?(?<!\d)\d{1,2}[-_. ]\d{1,2}[-_. ](19|20)\d\d(?!\d)([-_. ]\d{10,13})?/,
];

function withoutDate(name: string): string {
  return DATES.reduce((text, date) => text.replace(date, ''), name)
    .trim()
    .toLowerCase();
}
