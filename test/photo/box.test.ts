import { describe, expect, it } from 'vitest';
import { checkedBox, overlapOf } from '../../src/photo/box.ts';
import { InputError } from '../../src/util/errors.ts';

describe('a box that somebody sends', () => {
  it('is taken as it is inside the photo, and cut off at its edges', () => {
    expect(checkedBox([0.1, 0.2, 0.5, 0.9])).toEqual([0.1, 0.2, 0.5, 0.9]);
    expect(checkedBox([-0.5, 0, 0.5, 1.0001])).toEqual([0, 0, 0.5, 1]);
  });

  it.each([
    ['nothing', undefined],
    ['a text', 'left'],
    ['ten boxes', Array.from({ length: 10 }, () => [0, 0, 1, 1])],
    ['three numbers', [0, 0, 1]],
    ['no numbers', [0, 0, 1, null]],
    ['infinity', [0, 0, 1, Infinity]],
    ['a reversed box', [0.5, 0, 0.1, 1]],
    ['an upside-down box', [0, 0.9, 1, 0.1]],
    ['a box of no area', [0.5, 0.5, 0.5, 0.5]],
    ['a box outside of the photo', [1.1, 0, 1.5, 1]],
    ['a box with a sliver of the photo', [0.99, 0, 3, 1]],
  ])('is refused with what was expected and what came: %s', (_, value) => {
    expect(() => checkedBox(value)).toThrow(InputError);
    expect(() => checkedBox(value)).toThrow(/^Expected one box as \[left, top, right, bottom\].*; got /);
  });
});

describe('the overlap of two boxes', () => {
  it('is the shared part of what they cover together', () => {
    expect(overlapOf([0, 0, 1, 1], [0, 0, 1, 1])).toBe(1);
    expect(overlapOf([0, 0, 0.5, 1], [0.5, 0, 1, 1])).toBe(0);
    expect(overlapOf([0, 0, 0.5, 1], [0.25, 0, 0.75, 1])).toBeCloseTo(1 / 3, 6);
  });
});
