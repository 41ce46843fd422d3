import { expect, it } from 'vitest';
import { atLeast, atMost, table } from '../../../scripts/benchmark/figures.ts';

it.each([
  [atMost('', 1.0699, 4, 's', ''), '1.1 s'],
  [atMost('', 0.96, 4, 's', ''), '1.0 s'],
  [atMost('', 183.4, 360, 's', ''), '183 s'],
  [atMost('', 8.94, 15, 'ms', ''), '8.9 ms'],
  [atMost('', 1.0569, 1.5, 'x idle', ''), '1.06 x idle'],
  [atMost('', 0.3612, 1.4, 'times as long', ''), '0.36 times as long'],
  [atLeast('', 0.99981, 0.995, '', ''), '0.9998'],
])('rounds a figure as its unit wants it: %#', ({ measured }, shown) => {
  expect(measured).toBe(shown);
});

it('makes an empty table without figures', () => {
  expect(table([])).toBe('');
  expect(table([atMost('a start', 1, 4, 's', 'npm start')])).toBe(
    '| what | measured | bar | met | command |\n| --- | --- | --- | --- | --- |\n' +
      '| a start | 1.0 s | at most 4 s | yes | `npm start` |\n',
  );
});
