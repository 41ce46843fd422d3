/** The interface between the product and whatever turns pixels into embeddings. */

import type { InputSpec, ModelFingerprint } from './model.ts';

/** `interactive`: a user waits. `bulk`: an import, which delays a waiting user by at most the batch in progress. */
export type Priority = 'interactive' | 'bulk';

export interface EmbedOptions {
  readonly priority: Priority;
  /** Removes a photo that still waits from the queue; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface EmbedderStatus {
  /** Name of the engine in use. */
  readonly engine: string;
  readonly device: string;
  /** Engines that were tried before it, each with the reason why it is unavailable. */
  readonly skipped: readonly { readonly engine: string; readonly reason: string }[];
  /** Whether the engine can embed now (`Engine.isAlive`). */
  readonly isAlive: boolean;
  readonly waiting: { readonly interactive: number; readonly bulk: number };
}

export interface Embedder {
  readonly fingerprint: ModelFingerprint;
  /** How to prepare the pixels. */
  readonly input: InputSpec;
  /**
   * Turns the pixels of one photo into its L2-normalised embedding `[fingerprint.dimension]`.
   * @param pixels RGB, 8 bit, interleaved, `input.side * input.side * 3` bytes.
   * @throws {BusyError} when the queue of that priority is full.
   * @throws {ClosedError} after `close()`.
   */
  embed(pixels: Uint8Array, options: EmbedOptions): Promise<Float32Array>;
  status(): EmbedderStatus;
  /** Refuses new photos, finishes the accepted ones and closes the engine. Idempotent. */
  close(): Promise<void>;
}
