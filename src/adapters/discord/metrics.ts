/** What this door counts; the process's metrics give it their form. */

export interface DiscordMetrics {
  /** One event of the gateway that concerns the bot, by what became of it. */
  event(outcome: 'accepted' | 'ignored' | 'repeated' | 'malformed'): void;
  /** One answered REST request. Routes are templates such as `/channels/:id/messages`, so their number is bounded. */
  call(method: string, route: string, status: number): void;
  /** A request waits for a rate limit: kept back before it left, or refused by Discord with 429. @param seconds how long. */
  limited(how: 'queued' | 'refused', route: string, seconds: number): void;
  /** A request was refused (401, 403, 429); Discord bans an address at 10,000 in ten minutes. */
  invalidRequest(): void;
}
