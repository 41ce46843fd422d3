/** The interface to the neural network that turns pixels into vectors. */

/** The output of the network for one picture. */
export interface EngineResult {
  /** `[dimension]`; of a model that embeds, L2-normalised. */
  readonly embedding: Float32Array;
}

/**
 * Runs a model off the calling thread.
 * Implementations: `onnx-engine`, `tensorflow-engine`; all pass `test/contracts/engine.ts`.
 */
export interface Engine {
  /** For example `onnx`. */
  readonly name: string;
  /** For example `cpu` or `cuda`. */
  readonly device: string;
  /** How many `run` calls can be in progress without waiting for each other. At least 1. */
  readonly parallelism: number;
  /** The largest number of photos that one `run` takes. At least 1. */
  readonly maxBatch: number;
  /**
   * Returns one result per picture, in order.
   * @param batch 1 to `maxBatch` pictures, each RGB, 8 bit, interleaved, `side * side * 3` bytes with the side of the model's manifest.
   * @throws {ClosedError} after `close()`.
   */
  run(batch: readonly Uint8Array[]): Promise<EngineResult[]>;
  /** Whether a network is ready: false after `close()`, and while the only network that died is being replaced. */
  isAlive(): boolean;
  /** Finishes the batches in progress, then frees the model. Idempotent. */
  close(): Promise<void>;
}
