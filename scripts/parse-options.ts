/** Parses options with `util.parseArgs`, and explains invalid ones in plain words. */

import { parseArgs, type ParseArgsConfig } from 'node:util';
import { messageOf } from '../src/util/errors.ts';
import { UsageError } from './run-command-line.ts';

/** Node's messages, and the plain words that replace them. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/^Unknown option '(.+?)'.*/s, 'Unknown option $1.'],
  [/^Unexpected argument '(.+?)'.*/s, 'Unexpected argument "$1".'],
  [/^Option '(?:-\w, )?([^\s']+).*missing$/s, '$1 needs a value.'],
  [
    /^Option '([^\s']+)' argument is ambiguous.*/s,
    '$1 needs a value; one that begins with a dash is written $1=-VALUE.',
  ],
  [/^Option '([^\s']+)' does not take an argument$/, '$1 takes no value.'],
];

/** @throws {UsageError} for an unknown or incomplete option. */
export function parseOptions<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    const message = messageOf(error);
    const words = WORDS.find(([pattern]) => pattern.test(message));
    throw new UsageError(words ? message.replace(...words) : message);
  }
}

/** @throws {UsageError} unless the text is a whole number of at least 1. */
export function wholeNumber(option: string, text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new UsageError(`${option}: expected a whole number of 1 or more, got "${text}".`);
}
