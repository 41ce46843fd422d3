/** Turns errors into texts for people. An unexpected error is logged under a code that the person can pass on. */

import { randomBytes } from 'node:crypto';
import { BusyError, InputError, type InputProblem, messageOf } from '../util/errors.ts';
import type { Logger } from '../util/logger.ts';
import { PHOTO_LIMITS } from '../photo/photo-limits.ts';
import type { Texts } from './translations.ts';

/** @param doing what failed, for the log, for example `post` or `button click`. */
export type ErrorText = (error: unknown, texts: Texts, doing: string) => string;

export function createErrorText(logger: Pick<Logger, 'error'>): ErrorText {
  return (error, texts, doing) => {
    if (error instanceof InputError) return problemText(error.problem, texts);
    if (error instanceof BusyError) {
      return texts.say('error.busy', { when: texts.when(error.retryAfterSeconds) });
    }
    const incident = randomBytes(3).toString('hex');
    logger.error(
      { incident, doing, reason: withoutAddresses(error) },
      'a request failed with an unexpected error',
    );
    return texts.say('error.unexpected', { incident });
  };
}

export function problemText(problem: InputProblem, texts: Texts): string {
  return texts.say(PROBLEM_KEYS[problem], { megabytes: PHOTO_LIMITS.bytes / 1_000_000 });
}

// --- Internal helpers ---

const PROBLEM_KEYS: Readonly<Record<InputProblem, string>> = {
  'no-photo': 'problem.no-photo',
  'too-many-photos': 'problem.too-many-photos',
  'photo-empty': 'problem.photo-empty',
  'photo-too-large': 'problem.photo-too-large',
  'photo-not-an-image': 'problem.photo-not-an-image',
  'photo-unsupported-format': 'problem.photo-unsupported-format',
  'photo-too-many-pixels': 'problem.photo-too-many-pixels',
  'photo-damaged': 'problem.photo-damaged',
  'photo-too-slow': 'problem.photo-too-slow',
  'bad-request': 'problem.bad-request',
  'bad-filter': 'problem.bad-filter',
  'bad-box': 'problem.bad-box',
  'unknown-item': 'problem.unknown-item',
  'unknown-gallery': 'problem.unknown-gallery',
};

/** Stacks of the error and its causes without URLs, which may be signed or contain a token. */
function withoutAddresses(error: unknown): string {
  const stacks: string[] = [];
  for (let at = error; at instanceof Error && stacks.length < 4; at = at.cause) {
    stacks.push(at.stack ?? at.message);
  }
  const text = stacks.length === 0 ? messageOf(error) : stacks.join('\ncaused by ');
  return text.replace(/\b[a-z][a-z0-9+.-]*:\/\/[^\s'")]+/gi, '[address]');
}
