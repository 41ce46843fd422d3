/** Worker thread of `tensorflow-engine`: loads TensorFlow and the model, then embeds pictures. */

import { readFile } from 'node:fs/promises';
import { workerData } from 'node:worker_threads';
import { OperatorError } from '../util/errors.ts';
import type { Manifest } from './model.ts';
import { readOnnx } from './onnx-file.ts';
import { serveEngine } from './serve-engine.ts';
import { createInference } from './tensorflow-inference.ts';

export interface TensorflowWorkerData {
  /** URL of a module that exports `loadRuntime`, instead of `tensorflow-native`. */
  readonly runtime: string | undefined;
  readonly folder: string;
  readonly weightsPath: string;
  readonly manifest: Pick<Manifest, 'input' | 'output' | 'dimension'>;
  readonly needsGpu: boolean;
  /** Free bytes on the GPU; undefined without one. */
  readonly gpuMemory: number | undefined;
}

type RuntimeModule = typeof import('./tensorflow-native.ts');

const { runtime, folder, weightsPath, manifest, needsGpu, gpuMemory } = workerData as TensorflowWorkerData;

await serveEngine(async () => {
  const { loadRuntime } = runtime
    ? ((await import(runtime)) as RuntimeModule)
    : await import('./tensorflow-native.ts');
  const { tf, device } = await loadRuntime(folder);
  if (needsGpu && device !== 'gpu') {
    throw new OperatorError('it sees no GPU: the driver or the CUDA libraries do not fit (npm run doctor)');
  }
  const model = readOnnx(await readFile(weightsPath), weightsPath);
  return createInference({ tf, device, model, manifest, gpuMemory });
});
