/** Counters of the Telegram door. */

import type { DefineCounter } from './define-metric.ts';

export interface TelegramMetrics {
  /** Counts one call of the Bot API by its outcome. Only methods that the door uses occur, so the number of series is bounded. */
  call(method: string, outcome: 'done' | 'refused' | 'flood' | 'unreachable' | 'unknown' | 'stopped'): void;
  /** Counts one update by its outcome. */
  update(outcome: 'accepted' | 'ignored' | 'repeated' | 'malformed'): void;
}

export function createTelegramMetrics(counter: DefineCounter): TelegramMetrics {
  const calls = counter('fashion_telegram_calls_total', 'Calls of the Bot API, by method and outcome.', [
    'method',
    'outcome',
  ]);
  const updates = counter('fashion_telegram_updates_total', 'Updates of the Bot API, by outcome.', [
    'outcome',
  ]);
  return {
    call: (method, outcome) => {
      calls.inc({ method, outcome });
    },
    update: (outcome) => {
      updates.inc({ outcome });
    },
  };
}
