import { expect, it } from 'vitest';
import { parseCall } from '../../../scripts/inventory/parse-call.ts';
import { UsageError } from '../../../scripts/run-command-line.ts';

it.each([
  [[], 'Expected a command, got none.'],
  [['toString'], 'There is no command "toString".'],
  [['import'], '"import" takes one argument, got 0.'],
  [['import', 'a/b', '--nme', 'x'], '--nme'],
  [['plan', '--full'], '"plan" does not take --full.'],
  [
    ['import', 'ftp://somebody:secret@x/y'],
    'import: expected a folder, a file, or an http or https address, got an address that begins with ftp://.',
  ],
])('says what is wrong with %j', (args, message) => {
  expect(() => parseCall(args)).toThrow(UsageError);
  expect(() => parseCall(args)).toThrow(message);
});

it('takes web addresses and paths to import', () => {
  for (const argument of ['https://shop.example/feed', 'HTTP://shop.example/feed', 'a/b', '/c:/d'])
    expect(parseCall(['import', argument])).toMatchObject({ command: 'import', argument });
});
