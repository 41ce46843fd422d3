import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/util/errors.ts';
import { matches, parseFilter } from '../../src/search/filter.ts';

describe('parseFilter', () => {
  it('reads labels and values', () => {
    expect(parseFilter('{"type":["Shirts"],"colour":["Blue","Navy Blue"]}')).toEqual({
      type: ['Shirts'],
      colour: ['Blue', 'Navy Blue'],
    });
    expect(parseFilter('{}')).toEqual({});
  });

  it.each([
    ['no text', ''],
    ['no JSON', '{type: Shirts}'],
    ['a list', '[]'],
    ['null', 'null'],
    ['an unknown label', '{"size":["M"]}'],
    ['a value that is no list', '{"type":"Shirts"}'],
    ['a value that is no text', '{"type":[1]}'],
    ['no values', '{"type":[]}'],
    ['an empty value', '{"type":[""]}'],
    ['a value that is too long', `{"type":["${'x'.repeat(101)}"]}`],
    ['too many values', JSON.stringify({ type: new Array(51).fill('x') })],
    ['a prototype', '{"__proto__":["x"]}'],
  ])('refuses %s with an example', (_, text) => {
    const parse = (): unknown => parseFilter(text);
    expect(parse).toThrow(InputError);
    expect(parse).toThrow(/for example \{"type":\["Shirts"\]/);
  });

  it.each([
    ['{"foo":["M"]}', '"foo" is not known here; check how it is written, or leave it out. Expected'],
    ['{"type":"Shirts"}', 'type: expected a list, got a text. Expected'],
    [
      '{"type":[1],"colour":[]}',
      'type[0]: expected a text, got a number; colour: expected at least 1 entry, got 0.',
    ],
    ['[]', 'expected an object, got a list. Expected'],
  ])('says of %s in plain words what is wrong', (text, words) => {
    expect(() => parseFilter(text)).toThrow(`The filter cannot be read: ${words}`);
  });
});

describe('matches', () => {
  const labels = { type: 'Shirts', colour: 'Blue' };

  it('takes values of one label as alternatives and wants all labels', () => {
    expect(matches({}, labels)).toBe(true);
    expect(matches({ type: ['Shoes', 'Shirts'] }, labels)).toBe(true);
    expect(matches({ type: ['Shirts'], colour: ['Red'] }, labels)).toBe(false);
    expect(matches({ gender: ['Men'] }, labels)).toBe(false);
  });
});
