/** Counters of the Discord door. */

import type { DefineCounter } from './define-metric.ts';

export interface DiscordMetrics {
  /** Counts one gateway event that concerns the bot by its outcome. */
  event(outcome: 'accepted' | 'ignored' | 'repeated' | 'malformed'): void;
  /** Counts one answered REST request. Routes are templates such as `/channels/:id/messages`, so the number of series is bounded. */
  call(method: string, route: string, status: number): void;
  /**
   * Counts one request that waits for a rate limit: queued before it was sent, or refused by Discord with 429.
   * @param seconds how long it has to wait.
   */
  limited(how: 'queued' | 'refused', route: string, seconds: number): void;
  /** Counts one request that Discord refused with 401, 403 or 429. It bans an address at 10,000 of them in ten minutes. */
  invalidRequest(): void;
}

export function createDiscordMetrics(counter: DefineCounter): DiscordMetrics {
  const events = counter(
    'fashion_discord_events_total',
    'Messages and interactions of Discord, by outcome.',
    ['outcome'],
  );
  const calls = counter('fashion_discord_calls_total', 'REST requests to Discord, by route and status.', [
    'method',
    'route',
    'status',
  ]);
  const limits = counter(
    'fashion_discord_rate_limited_total',
    'REST requests that had to wait for a rate limit: queued, or refused with 429.',
    ['how', 'route'],
  );
  const waits = counter(
    'fashion_discord_rate_limit_wait_seconds_total',
    'How long those requests had to wait.',
    ['how', 'route'],
  );
  const invalid = counter(
    'fashion_discord_invalid_requests_total',
    'REST requests that Discord refused with 401, 403 or 429; it bans an address at 10,000 in ten minutes.',
    [],
  );
  return {
    event: (outcome) => {
      events.inc({ outcome });
    },
    call: (method, route, status) => {
      calls.inc({ method, route, status });
    },
    limited: (how, route, seconds) => {
      limits.inc({ how, route });
      waits.inc({ how, route }, seconds);
    },
    invalidRequest: () => {
      invalid.inc();
    },
  };
}
