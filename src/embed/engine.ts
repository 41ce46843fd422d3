/** The seam behind which a neural network turns pixels into vectors. */

/** What a network makes of one picture. */
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
  /** How many `run` calls may be in flight before they would wait for each other. At least 1. */
  readonly parallelism: number;
  /** The largest number of photos that one `run` takes. At least 1. */
  readonly maxBatch: number;
  /**
   * Pixels to results, in order.
   * @param batch 1 to `maxBatch` pictures, each RGB, 8 bit, interleaved, `side * side * 3` bytes with the side of the model's manifest.
   * @throws {ClosedError} after `close()`.
   */
  run(batch: readonly Uint8Array[]): Promise<EngineResult[]>;
  /** Whether a `run` now would find a network: not after `close()`, nor while one that died is replaced. */
  isAlive(): boolean;
  /** Finishes what runs, then frees the model. Idempotent. */
  close(): Promise<void>;
}
