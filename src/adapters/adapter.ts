/** A door of the bot: it translates between one chat platform and the platform-neutral parts. */

export interface Adapter {
  /** For example `web`. */
  readonly name: string;
  /** Resolves once people can reach the bot through this door. */
  start(): Promise<void>;
  /** Takes nothing new, answers what was accepted, then resolves. Idempotent. */
  stop(): Promise<void>;
}
