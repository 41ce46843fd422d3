import { describe, expect, it } from 'vitest';
import { parseOptions, wholeNumber } from '../../scripts/parse-options.ts';
import { UsageError } from '../../scripts/run-command-line.ts';

const options = { name: { type: 'string', short: 'n' }, full: { type: 'boolean' } } as const;

describe('parseOptions', () => {
  it('gives what was named, and the rest in order', () => {
    const { values, positionals } = parseOptions({
      args: ['a', '--name', 'x', 'b'],
      options,
      allowPositionals: true,
    });
    expect({ ...values, positionals }).toEqual({ name: 'x', positionals: ['a', 'b'] });
  });

  it.each([
    [['--fulll'], 'Unknown option --fulll.'],
    [['--name'], '--name needs a value.'],
    [['--name', '--full'], '--name needs a value; one that begins with a dash is written --name=-VALUE.'],
    [['--full=yes'], '--full takes no value.'],
  ])('says what is wrong with %s in a sentence', (args, message) => {
    const parse = () => parseOptions({ args, options, allowPositionals: true });
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(new RegExp(`^${message}$`));
  });

  it('refuses what is not an option where nothing else is taken', () => {
    expect(() => parseOptions({ args: ['wrong'], options })).toThrow(/^Unexpected argument "wrong"\.$/);
    expect(() => parseOptions({ args: ['--wrong'], options })).toThrow(/^Unknown option --wrong\.$/);
  });
});

describe('wholeNumber', () => {
  it('takes 1 and more, and says what else came', () => {
    expect(wholeNumber('--steps', '12')).toBe(12);
    for (const text of ['abc', '0', '1.5', '-3', ''])
      expect(() => wholeNumber('--steps', text)).toThrow(
        `--steps: expected a whole number of 1 or more, got "${text}".`,
      );
  });
});
