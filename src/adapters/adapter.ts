/** A door of the bot: it translates between one chat platform and the conversation, which knows no platform. */

export interface Adapter {
  /** For example `web`. */
  readonly name: string;
  /** Resolves once people can reach the bot through this door. */
  start(): Promise<void>;
  /** Accepts nothing new, answers what was accepted, then resolves. Idempotent. */
  stop(): Promise<void>;
}
