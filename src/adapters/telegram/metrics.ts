/** What this door counts; the process's metrics give it their form. */

import type { CallFailure } from './api/call-error.ts';

export interface TelegramMetrics {
  /** One call of the Bot API, by what became of it. The methods are those this door uses, so their number is bounded. */
  call(method: string, outcome: 'done' | CallFailure): void;
  /** One update, by what became of it. */
  update(outcome: 'accepted' | 'ignored' | 'repeated' | 'malformed'): void;
}
