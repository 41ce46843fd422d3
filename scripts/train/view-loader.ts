/** Batches of views, prepared in a worker thread while the one before is trained on. */

import { spawnWorker } from '../../src/util/spawn-worker.ts';
import { createRandom, shuffled } from './random.ts';
import type { Editions } from './pictures-of-items.ts';
import type { ViewRequest, ViewResponse, ViewWorkerData } from './view-worker.ts';

export interface ViewLoaderOptions {
  readonly editions: Editions;
  readonly ids: readonly string[];
  /** Places in `ids` that make an epoch, in any order; one may be there several times. */
  readonly epoch: readonly number[];
  /** Pixels of the side of a step's squares. */
  sideOf(step: number): number;
  /** Items a batch. */
  readonly batch: number;
  readonly seed: number;
  /** The first step that will be asked for. */
  readonly firstStep: number;
}

export interface ViewBatch {
  /** Places in `ids`. */
  readonly places: Uint32Array;
  /** RGB: `batch` catalogue views, then `batch` shopper views. */
  readonly pixels: Uint8Array;
}

export interface ViewLoader {
  /** Steps are asked for in order. */
  next(): Promise<ViewBatch>;
  close(): Promise<void>;
}

/** Steps that are prepared ahead. */
const AHEAD = 2;

/** A step's items and their views depend on the seed and the step alone. */
export function createViewLoader(options: ViewLoaderOptions): ViewLoader {
  const { editions, ids, epoch, batch, seed } = options;
  const placesOf = (step: number): Uint32Array =>
    placesOfStep(step, epoch.length, batch, seed).map((n) => epoch[n]!);
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
  let asked = step;
  const ask = (): void => {
    for (; asked < step + AHEAD; asked++) {
      waiting.set(asked, promiseWithResolvers());
      const request: ViewRequest = {
        step: asked,
        ids: Array.from(placesOf(asked), (place) => ids[place]!),
        side: options.sideOf(asked),
        seed,
      };
      worker.postMessage(request);
    }
  };
  ask();

  return {
    async next() {
      const current = step++;
      ask();
      const pixels = await waiting.get(current)!.promise;
      waiting.delete(current);
      return { places: placesOf(current), pixels };
    },
    async close() {
      worker.postMessage(undefined satisfies ViewRequest);
      await ended;
    },
  };
}

/** Every epoch is an order of its own; what does not fill a batch at its end is left to the next epochs. */
export function placesOfStep(step: number, count: number, batch: number, seed: number): Uint32Array {
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
  promise.catch(() => undefined); // whoever waits for it hears of it; nobody may wait yet
  return { promise, resolve, reject };
}
