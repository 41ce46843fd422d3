/** What polling and the webhook have in common: each hands updates to a receiver. */

/**
 * Accepts one update. Never throws because of what the update contains.
 * @throws when the update cannot be stored: the store fails, or the bot shuts down. It must not be confirmed then.
 */
export type ReceiveUpdate = (raw: unknown) => Promise<void>;

export interface UpdateSource {
  /** Receives nothing new from then on. What was received is confirmed. Idempotent. */
  stop(): Promise<void>;
}
