/** The seam between the product and whatever turns pixels into embeddings. */

import type { InputSpec, ModelFingerprint } from './model.ts';

/** `interactive`: a person waits. `bulk`: an import; never delays a waiting person by more than the batch that runs. */
export type Priority = 'interactive' | 'bulk';

export interface EmbedOptions {
  readonly priority: Priority;
  /** Takes the photo out of the queue if it has not been started; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface EmbedderStatus {
  /** Which engine answers, on what, and why the ones before it in the order did not. */
  readonly engine: string;
  readonly device: string;
  readonly skipped: readonly { readonly engine: string; readonly reason: string }[];
  /** Whether its engine can embed now (`Engine.isAlive`). */
  readonly isAlive: boolean;
  readonly waiting: { readonly interactive: number; readonly bulk: number };
}

export interface Embedder {
  readonly fingerprint: ModelFingerprint;
  /** How pixels must be prepared. */
  readonly input: InputSpec;
  /**
   * One photo's pixels to its L2-normalised embedding `[fingerprint.dimension]`.
   * @param pixels RGB, 8 bit, interleaved, `input.side * input.side * 3` bytes.
   * @throws {BusyError} when the queue of that priority is full.
   * @throws {ClosedError} after `close()`.
   */
  embed(pixels: Uint8Array, options: EmbedOptions): Promise<Float32Array>;
  status(): EmbedderStatus;
  /** Refuses new photos, finishes the accepted ones, closes the engine. Idempotent. */
  close(): Promise<void>;
}
