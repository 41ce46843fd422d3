/** The TensorFlow engine: runs the same `model.onnx` as tfjs operations in one worker thread. */

import { EngineUnavailableError } from '../util/errors.ts';
import type { Logger } from '../util/logger.ts';
import { spawnWorker } from '../util/spawn-worker.ts';
import type { Engine } from './engine.ts';
import { findGpu } from './gpu.ts';
import type { RunnableModel } from './model.ts';
import { readInstall } from './tensorflow-install.ts';
import { setTensorflowVariables } from './tensorflow-variables.ts';
import type { TensorflowWorkerData } from './tensorflow-worker.ts';
import { createWorkerEngine } from './worker-engine.ts';

export interface TensorflowEngineOptions {
  readonly model: RunnableModel;
  /** Where `npm run setup:tensorflow` has installed TensorFlow. */
  readonly folder: string;
  /** `gpu`: unavailable without a GPU. `any`: the GPU if there is one, else the CPU. */
  readonly device: 'gpu' | 'any';
  /** URL of a module that exports `loadRuntime`, for tests with another tfjs backend. Default: the native addon. */
  readonly runtime?: URL;
  /** Gets a message when a worker dies. */
  readonly logger?: Pick<Logger, 'error'> | undefined;
}

/** The addon has global state without a lock (`ATTR_NAME_SET` in its tfjs_backend.cc), so a process runs one engine at a time. */
let isOpen = false;

/**
 * Loads and warms up the model.
 * @throws {EngineUnavailableError} when TensorFlow is not installed or does not load, or when a required GPU is missing.
 */
export async function createTensorflowEngine(options: TensorflowEngineOptions): Promise<Engine> {
  if (isOpen) throw new Error('A process runs one TensorFlow engine; close the other one first.');
  isOpen = true;
  try {
    const engine = await open(options);
    return {
      ...engine,
      async close() {
        await engine.close();
        isOpen = false;
      },
    };
  } catch (error) {
    isOpen = false;
    throw error;
  }
}

// --- Internal helpers ---

async function open({ model, folder, device, runtime, logger }: TensorflowEngineOptions): Promise<Engine> {
  const needsGpu = device === 'gpu';
  const gpu = runtime ? 'another backend is in use' : await findGpu();
  if (needsGpu) {
    // First, so that nobody is asked to install three gigabytes for a missing GPU.
    if (typeof gpu === 'string') throw new EngineUnavailableError(gpu);
    await checkInstall(folder);
  }
  setTensorflowVariables();
  const workerData: TensorflowWorkerData = {
    runtime: runtime?.href,
    folder,
    weightsPath: model.weightsPath,
    manifest: model.manifest,
    needsGpu,
    gpuMemory: typeof gpu === 'string' ? undefined : gpu.memory.free,
  };
  return createWorkerEngine({
    name: 'tensorflow',
    label: needsGpu ? 'TensorFlow on a GPU' : 'TensorFlow',
    model,
    logger,
    workers: 1,
    spawn: () => spawnWorker(import.meta.url, './tensorflow-worker', { workerData }),
  });
}

/** Checks the installation before a gigabyte of library is loaded. */
async function checkInstall(folder: string): Promise<void> {
  const install = await readInstall(folder);
  if (install?.gpu) return;
  const state = install ? 'installed for the CPU only' : 'not installed';
  throw new EngineUnavailableError(`${state} (npm run setup:tensorflow -- --gpu)`);
}
