/** Batches of views, prepared in a worker thread while the trainer works on the batch before. */

import { spawnWorker } from '../../src/util/spawn-worker.ts';
import type { CropBatch } from './crops/crop-worker.ts';
import { createRandom, shuffled } from './random.ts';
import type { Editions } from './pictures-of-items.ts';
import { createStepLoader } from './step-loader.ts';
import type { ViewRequest, ViewWorkerData } from './view-worker.ts';

export interface ViewLoaderOptions {
  readonly editions: Editions;
  readonly ids: readonly string[];
  /** Indices into `ids` that make up an epoch, in any order; an index may occur several times. */
  readonly epoch: readonly number[];
  /** Side of a step's squares, in pixels. */
  sideOf(step: number): number;
  /** Items per batch. */
  readonly batch: number;
  readonly seed: number;
  /** The first step that will be requested. */
  readonly firstStep: number;
}

export interface ViewBatch {
  /** Indices into `ids`. */
  readonly indices: Uint32Array;
  /** RGB: `batch` catalogue views, then `batch` shopper views. */
  readonly pixels: Uint8Array;
  /** Crops of outfits that the same step learns; undefined: none. */
  readonly crops?: CropBatch;
}

export interface ViewLoader {
  /** The batch of the next step. */
  next(): Promise<ViewBatch>;
  close(): Promise<void>;
}

/** The items of a step and their views depend only on the seed and the step. */
export function createViewLoader(options: ViewLoaderOptions): ViewLoader {
  const { editions, ids, epoch, batch, seed, firstStep } = options;
  const indicesOf = (step: number): Uint32Array =>
    indicesOfStep(step, epoch.length, batch, seed).map((n) => epoch[n]!);
  const workerData: ViewWorkerData = { editions };
  const loader = createStepLoader<ViewRequest, Uint8Array>({
    worker: spawnWorker(import.meta.url, './view-worker', { workerData }),
    requestOf: (step) => ({
      step,
      ids: Array.from(indicesOf(step), (index) => ids[index]!),
      side: options.sideOf(step),
      seed,
    }),
    firstStep,
  });
  let step = firstStep;
  return {
    async next() {
      const current = step++;
      return { indices: indicesOf(current), pixels: await loader.next() };
    },
    close: () => loader.close(),
  };
}

/** The indices of one step. Every epoch has its own order; a remainder that does not fill a batch is dropped. */
export function indicesOfStep(step: number, count: number, batch: number, seed: number): Uint32Array {
  const perEpoch = Math.max(1, Math.floor(count / batch));
  const epoch = Math.floor(step / perEpoch);
  const order = shuffled(count, createRandom(seed, 0x5eed, epoch));
  const start = (step % perEpoch) * batch;
  return order.slice(start, start + batch);
}
