/** Batches of views, prepared in a worker thread while the trainer works on the batch before. */

import { spawnWorker } from '../../src/util/spawn-worker.ts';
import { createRandom, shuffled } from './random.ts';
import type { Editions } from './pictures-of-items.ts';
import type { ViewRequest, ViewResponse, ViewWorkerData } from './view-worker.ts';

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
}

export interface ViewLoader {
  /** The batch of the next step. */
  next(): Promise<ViewBatch>;
  close(): Promise<void>;
}

/** Steps to prepare ahead. */
const AHEAD = 2;

/** The items of a step and their views depend only on the seed and the step. */
export function createViewLoader(options: ViewLoaderOptions): ViewLoader {
  const { editions, ids, epoch, batch, seed } = options;
  const indicesOf = (step: number): Uint32Array =>
    indicesOfStep(step, epoch.length, batch, seed).map((n) => epoch[n]!);
  const workerData: ViewWorkerData = { editions };
  const worker = spawnWorker(import.meta.url, './view-worker', { workerData });
  const ended = new Promise<void>((resolve) =>
    worker.once('exit', () => {
      resolve();
    }),
  );
  const waiting = new Map<number, PromiseWithResolversOf<Uint8Array>>();
  worker.on('message', (response: ViewResponse) => {
    const { step } = response;
    if ('pixels' in response) waiting.get(step)?.resolve(response.pixels);
    else waiting.get(step)?.reject(new Error(`Preparing step ${step} failed: ${response.reason}`));
  });
  worker.on('error', (error) => {
    for (const { reject } of waiting.values()) reject(error);
  });

  let step = options.firstStep;
  let requested = step;
  const request = (): void => {
    for (; requested < step + AHEAD; requested++) {
      waiting.set(requested, promiseWithResolvers());
      const message: ViewRequest = {
        step: requested,
        ids: Array.from(indicesOf(requested), (index) => ids[index]!),
        side: options.sideOf(requested),
        seed,
      };
      worker.postMessage(message);
    }
  };
  request();

  return {
    async next() {
      const current = step++;
      request();
      const pixels = await waiting.get(current)!.promise;
      waiting.delete(current);
      return { indices: indicesOf(current), pixels };
    },
    async close() {
      worker.postMessage(undefined satisfies ViewRequest);
      await ended;
    },
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

// --- Internal helpers ---

interface PromiseWithResolversOf<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

function promiseWithResolvers<T>(): PromiseWithResolversOf<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  promise.catch(() => undefined); // `next` reports the failure; nothing may wait for the promise yet
  return { promise, resolve, reject };
}
