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

it('takes columns, a currency and an address of pictures for an import', () => {
  const words = ['--column', 'picture=Bild', '--column=Sale-Price=Aktion', '--currency', 'EUR'];
  expect(parseCall(['import', 'shop.csv', ...words]).settings).toEqual({
    columns: { picture: 'Bild', sale_price: 'Aktion' },
    currency: 'EUR',
  });
  expect(parseCall(['import', 'shop.csv']).settings).toBeUndefined();
});

it.each([
  [['--column', 'Bild'], '--column expects FIELD=COLUMN, such as picture=Bild, got "Bild".'],
  [['--column', 'bild=Bild'], '--column: there is no field "bild". The fields are id, '],
  [['--column', 'picture=A', '--column', 'picture=B'], '--column: picture is given twice.'],
  [['--currency', 'euro'], '--currency: expected three letters of ISO 4217, such as EUR, got "euro".'],
])('says what is wrong with %j of an import', (words, message) => {
  expect(() => parseCall(['import', 'shop.csv', ...words])).toThrow(UsageError);
  expect(() => parseCall(['import', 'shop.csv', ...words])).toThrow(message);
});
