/** What this door counts. */

export interface DiscordMetrics {
  /** One gateway event that concerns the bot, by its outcome. */
  event(outcome: 'accepted' | 'ignored' | 'repeated' | 'malformed'): void;
  /** One answered REST request. Routes are templates such as `/channels/:id/messages`, so their number is bounded. */
  call(method: string, route: string, status: number): void;
  /** A request waits for a rate limit: held back before it was sent, or refused by Discord with 429. @param seconds how long. */
  limited(how: 'queued' | 'refused', route: string, seconds: number): void;
  /** A request was refused (401, 403, 429). Discord bans an address after 10,000 in ten minutes. */
  invalidRequest(): void;
}
