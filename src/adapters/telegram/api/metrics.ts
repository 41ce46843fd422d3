/** What this door counts. */

import type { CallFailure } from './call-error.ts';

export interface TelegramMetrics {
  /** One call of the Bot API, by its outcome. The methods are those that this door uses, so their number is bounded. */
  call(method: string, outcome: 'done' | CallFailure): void;
  /** One update, by its outcome. */
  update(outcome: 'accepted' | 'ignored' | 'repeated' | 'malformed'): void;
}
