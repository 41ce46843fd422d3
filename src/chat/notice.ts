/** A notice: a short line for the person who clicked a button, and nobody else. */

import { truncate } from '../util/truncate.ts';
import type { ClickOutcome } from './conversation.ts';

/** Telegram's limit for the answer to a callback query. */
const MAX_NOTICE_LENGTH = 200;

export function notice(text: string): ClickOutcome {
  return { kind: 'notice', text: truncate(text, MAX_NOTICE_LENGTH) };
}
