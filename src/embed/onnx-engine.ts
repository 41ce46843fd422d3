/** The engine that `npm ci` installs: onnxruntime-node with one single-threaded session per core, each in a worker thread. */

import { availableParallelism } from 'node:os';
import type { Logger } from '../util/logger.ts';
import { spawnWorker } from '../util/spawn-worker.ts';
import type { Engine } from './engine.ts';
import type { RunnableModel } from './model.ts';
import type { OnnxWorkerData } from './onnx-worker.ts';
import { createWorkerEngine } from './worker-engine.ts';

export interface OnnxEngineOptions {
  readonly model: RunnableModel;
  /** An execution provider of onnxruntime. */
  readonly provider: 'cpu' | 'cuda';
  /** Worker threads, at least 1. Default: one per core on the CPU, one on a GPU. */
  readonly workers?: number;
  /** Gets a message when a worker dies. */
  readonly logger?: Pick<Logger, 'error'> | undefined;
}

/**
 * Loads and warms up the model.
 * @throws {EngineUnavailableError} when the provider is unavailable on this machine.
 */
export function createOnnxEngine({ model, provider, workers, logger }: OnnxEngineOptions): Promise<Engine> {
  const workerData: OnnxWorkerData = { weightsPath: model.weightsPath, provider, manifest: model.manifest };
  return createWorkerEngine({
    name: 'onnx',
    label: `onnxruntime on ${provider}`,
    model,
    logger,
    workers: workers ?? (provider === 'cpu' ? availableParallelism() : 1),
    spawn: () => spawnWorker(import.meta.url, './onnx-worker', { workerData }),
  });
}
