/** Starts a reindex without a person: by the clock, or because files changed. */
export interface ReindexTrigger {
  /** For example `schedule`. */
  readonly name: string;
  /** Resolves once the trigger is armed. */
  start(): Promise<void>;
  /** Starts nothing new and waits for what it started. Idempotent. */
  stop(): Promise<void>;
}
