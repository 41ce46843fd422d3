/** Reads `count`, `offset`, `filter` and `box` from query strings and form fields. */

import { InputError } from '../../util/errors.ts';
import { type GalleryOptions, MAX_COUNT, MAX_OFFSET, type PageOptions } from '../../recommend/recommend.ts';
import { type Box, checkedBox } from '../../photo/box.ts';
import { parseFilter } from '../../search/filter.ts';

/** Bounds of `GalleryOptions.count` and `PageOptions.offset`. */
const COUNT = { from: 1, to: MAX_COUNT };
const OFFSET = { from: 0, to: MAX_OFFSET };

/** Values by field name; a list if the field came more than once. */
export type RawFields = Readonly<Partial<Record<string, string | readonly string[]>>>;

/**
 * @throws {InputError} `bad-request` or `bad-filter`, naming the field.
 */
export function readGalleryOptions(fields: RawFields): GalleryOptions {
  const count = readInteger(fields, 'count', COUNT);
  const filter = readOnce(fields, 'filter');
  return {
    ...(count !== undefined && { count }),
    ...(filter !== undefined && { filter: parseFilter(filter) }),
  };
}

/**
 * @throws {InputError} `bad-request` or `bad-filter`, naming the field.
 */
export function readPageOptions(fields: RawFields): PageOptions {
  const offset = readInteger(fields, 'offset', OFFSET);
  return { ...readGalleryOptions(fields), ...(offset !== undefined && { offset }) };
}

/**
 * The box of the photo that is searched by.
 * @throws {InputError} `bad-request` or `bad-box`, naming the field.
 */
export function readBox(fields: RawFields): Box | undefined {
  const text = readOnce(fields, 'box');
  if (text === undefined) return undefined;
  let value: unknown = text;
  try {
    value = JSON.parse(text);
  } catch {
    // The text itself is then shown as what came.
  }
  return checkedBox(value);
}

// --- Internal helpers ---

/** An empty value counts as absent, because that is what an untouched form field sends. */
function readOnce(fields: RawFields, name: string): string | undefined {
  const value = fields[name];
  if (typeof value === 'object') {
    throw new InputError('bad-request', `Expected ${name} once, got it ${value.length} times. Send it once.`);
  }
  return value === '' ? undefined : value;
}

function readInteger(
  fields: RawFields,
  name: string,
  range: { readonly from: number; readonly to: number },
): number | undefined {
  const text = readOnce(fields, name);
  if (text === undefined) return undefined;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (value >= range.from && value <= range.to) return value;
  throw new InputError(
    'bad-request',
    `Expected ${name} to be a whole number from ${range.from} to ${range.to}, got ${JSON.stringify(text.slice(0, 40))}.`,
  );
}
