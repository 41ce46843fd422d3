/** A rectangle in a photo. */

import { InputError } from '../util/errors.ts';

/** Left, top, right, bottom, in parts of the upright photo: each from 0 to 1, left below right and top below bottom. */
export type Box = readonly [left: number, top: number, right: number, bottom: number];

/** A box below this part of a side shows too little to search by. */
export const LEAST_SIDE = 0.02;

/**
 * Checks a box that a person or a program sent. What lies outside of the photo is cut off.
 * @param value for example `[0.1, 0.2, 0.5, 0.9]`.
 * @throws {InputError} `bad-box` when it is no list of four numbers, reversed, outside of the photo, or nearly empty.
 */
export function checkedBox(value: unknown): Box {
  if (!Array.isArray(value) || value.length !== 4 || !value.every((part) => Number.isFinite(part))) {
    throw badBox(`got ${describe(value)}`);
  }
  const [left, top, right, bottom] = value as [number, number, number, number];
  if (left >= right || top >= bottom) {
    throw badBox(`got ${describe(value)}, in which ${left >= right ? 'left' : 'top'} is not the smaller one`);
  }
  const inside = [left, top, right, bottom].map((part) => Math.min(1, Math.max(0, part)));
  const box = inside as [number, number, number, number];
  if (box[2] - box[0] < LEAST_SIDE || box[3] - box[1] < LEAST_SIDE) {
    throw badBox(
      `got ${describe(value)}, of which less than ${LEAST_SIDE * 100} % of a side is in the photo`,
    );
  }
  return box;
}

/** The area that two boxes share, relative to the area that they cover together, 0 to 1. */
export function overlapOf(a: Box, b: Box): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (areaOf(a) + areaOf(b) - shared);
}

/** In parts of the photo, 0 to 1. */
export function areaOf([left, top, right, bottom]: Box): number {
  return (right - left) * (bottom - top);
}

// --- Internal helpers ---

function badBox(got: string): InputError {
  return new InputError(
    'bad-box',
    'Expected one box as [left, top, right, bottom] in parts of the upright photo, from 0 to 1, ' +
      `for example [0.1,0.2,0.5,0.9]; ${got}.`,
  );
}

function describe(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
