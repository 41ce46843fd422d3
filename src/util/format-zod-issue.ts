/** Describes zod issues in plain words; zod's own texts address programmers. */

import type { z } from 'zod';
import { truncate } from './truncate.ts';

/**
 * @param issue with its input (`reportInput`) if the input may be shown. Without it only the expectation is described, because a
 * setting may be a secret.
 * @returns for example `expected a text, got nothing`.
 */
export function formatZodIssue(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return withInput(`expected ${kindName(issue.expected)}`, issue, kindOf);
    case 'invalid_value':
      return withInput(`expected one of ${issue.values.map(String).join(', ')}`, issue, shown);
    case 'too_small':
      return withInput(`expected at least ${amount(issue.minimum, issue.origin)}`, issue, sizeOf);
    case 'too_big':
      return withInput(`expected at most ${amount(issue.maximum, issue.origin)}`, issue, sizeOf);
    case 'unrecognized_keys':
      return `${issue.keys.map(shown).join(', ')} is not known here; check how it is written, or leave it out`;
    case 'invalid_key':
      return issue.issues.map(formatZodIssue).join('; ');
    case 'custom':
    case 'invalid_format':
      return issue.message;
    default:
      return 'not valid';
  }
}

/** The path of the issue, for example `sources[1].name`; empty for the whole input. */
export function placeOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (place, step) =>
      typeof step === 'number' ? `${place}[${step}]` : `${place}${place === '' ? '' : '.'}${String(step)}`,
    '',
  );
}

// --- Internal helpers ---

const KIND_NAMES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};
const UNITS: Readonly<Record<string, readonly [one: string, more: string]>> = {
  string: ['character', 'characters'],
  array: ['entry', 'entries'],
};
/** Characters of the input that are shown. */
const MAX_SHOWN = 40;

function kindName(kind: string): string {
  return KIND_NAMES[kind] ?? kind;
}

function withInput(expectation: string, issue: z.core.$ZodIssue, describe: (input: unknown) => string) {
  return 'input' in issue ? `${expectation}, got ${describe(issue.input)}` : expectation;
}

function kindOf(input: unknown): string {
  if (input === undefined || input === null) return 'nothing';
  if (typeof input === 'boolean') return String(input);
  return kindName(Array.isArray(input) ? 'array' : typeof input);
}

function shown(input: unknown): string {
  return input === undefined ? 'nothing' : truncate(JSON.stringify(input), MAX_SHOWN);
}

function amount(bound: number | bigint, origin: string): string {
  const [one, more] = UNITS[origin] ?? [];
  return [String(bound), Number(bound) === 1 ? one : more].filter(Boolean).join(' ');
}

function sizeOf(input: unknown): string {
  return typeof input === 'string' || Array.isArray(input) ? String(input.length) : String(input);
}
