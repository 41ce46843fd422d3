/** Batches of crops of outfits, prepared in a worker thread while the trainer works on the batch before. */

import { spawnWorker } from '../../../src/util/spawn-worker.ts';
import { createStepLoader, type StepLoader } from '../step-loader.ts';
import type { CropBatch, CropRequest, CropWorkerData } from './crop-worker.ts';

export interface CropLoaderOptions extends CropWorkerData {
  /** Side of a step's squares, in pixels. */
  readonly sideOf: (step: number) => number;
  /** Crops per batch. */
  readonly batch: number;
  readonly seed: number;
  /** The first step that will be requested. */
  readonly firstStep: number;
}

/** The crops of a step depend only on the seed and the step. */
export function createCropLoader(options: CropLoaderOptions): StepLoader<CropBatch> {
  const { photos, names, garments, sideOf, batch, seed, firstStep } = options;
  const workerData: CropWorkerData = { photos, names, garments };
  return createStepLoader<CropRequest, CropBatch>({
    worker: spawnWorker(import.meta.url, './crop-worker', { workerData }),
    requestOf: (step) => ({ step, side: sideOf(step), batch, seed }),
    firstStep,
  });
}
