/** Starts reindexes without a person: on a schedule, or when files change. */
export interface ReindexTrigger {
  /** For example `schedule`. */
  readonly name: string;
  /** Resolves once the trigger is active. */
  start(): Promise<void>;
  /** Starts nothing more and waits for the run that it started. Idempotent. */
  stop(): Promise<void>;
}
