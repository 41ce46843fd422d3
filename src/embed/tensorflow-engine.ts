/** The engine on TensorFlow: the same `model.onnx`, run through tfjs operations in one worker thread. */

import { EngineUnavailableError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { spawnWorker } from '../spawn-worker.ts';
import type { Engine } from './engine.ts';
import { findGpu } from './gpu.ts';
import type { RunnableModel } from './model.ts';
import { readInstall } from './tensorflow-install.ts';
import { setTensorflowVariables } from './tensorflow-variables.ts';
import type { TensorflowWorkerData } from './tensorflow-worker.ts';
import { createWorkerEngine } from './worker-engine.ts';

export interface TensorflowEngineOptions {
  readonly model: RunnableModel;
  /** Where `npm run setup:tensorflow` has put it. */
  readonly folder: string;
  /** `gpu`: none without a card. `any`: a card when there is one, else the CPU. */
  readonly device: 'gpu' | 'any';
  /** URL of a module with a `loadRuntime` of its own: another tfjs backend, for tests. Default: the native addon. */
  readonly runtime?: URL;
  /** Hears of workers that die. */
  readonly logger?: Pick<Logger, 'error'> | undefined;
}

/** The addon keeps global state without a lock (`ATTR_NAME_SET` in its tfjs_backend.cc), so a process has one at a time. */
let isOpen = false;

/**
 * Loads and warms up the model.
 * @throws {EngineUnavailableError} when TensorFlow is not installed, does not load, or sees no card where one is wanted.
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
  const gpu = runtime ? 'another backend was asked for' : await findGpu();
  if (needsGpu) {
    // First, so that nobody is told to install three gigabytes for a card that is not there.
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

/** What can be known before a gigabyte of library is loaded. */
async function checkInstall(folder: string): Promise<void> {
  const install = await readInstall(folder);
  if (install?.gpu) return;
  const state = install ? 'installed for the CPU only' : 'not installed';
  throw new EngineUnavailableError(`${state} (npm run setup:tensorflow -- --gpu)`);
}
