/** Batches of scenes, composed in a worker thread while the one before is trained on. */

import { spawnWorker } from '../../../src/util/spawn-worker.ts';
import { indicesOfStep } from '../view-loader.ts';
import type { SceneBatch, SceneRequest, SceneResponse, SceneWorkerData } from './scene-worker.ts';

export interface SceneLoaderOptions extends SceneWorkerData {
  /** Pixels of the side of a step's squares. */
  readonly sideOf: (step: number) => number;
  /** Scenes a batch. */
  readonly batch: number;
  readonly seed: number;
  /** The first step that will be requested for. */
  readonly firstStep: number;
}

export interface SceneLoader {
  /** Steps are requested for in order; a step's scenes depend on the seed and the step alone. */
  next(): Promise<SceneBatch>;
  close(): Promise<void>;
}

/** Steps that are prepared ahead. */
const AHEAD = 3;

export function createSceneLoader(options: SceneLoaderOptions): SceneLoader {
  const { photos, names, editions, items, sideOf, batch, seed } = options;
  const workerData: SceneWorkerData = { photos, names, editions, items };
  const worker = spawnWorker(import.meta.url, './scene-worker', { workerData });
  const ended = new Promise<void>((resolve) =>
    worker.once('exit', () => {
      resolve();
    }),
  );
  const ready = new Map<number, SceneResponse>();
  let [waiting, failure]: [(() => void) | undefined, Error | undefined] = [undefined, undefined];
  const wake = (): void => {
    waiting?.();
    waiting = undefined;
  };
  worker.on('message', (response: SceneResponse) => {
    ready.set(response.step, response);
    wake();
  });
  worker.on('error', (error) => {
    failure = error;
    wake();
  });

  let step = options.firstStep;
  let requested = step;
  const request = (): void => {
    for (; requested < step + AHEAD; requested++) {
      const indices = Array.from(indicesOfStep(requested, names.length, batch, seed));
      worker.postMessage({ step: requested, indices, side: sideOf(requested), seed } satisfies SceneRequest);
    }
  };
  request();

  return {
    async next() {
      const current = step++;
      request();
      while (!ready.has(current) && !failure) {
        await new Promise<void>((resolve) => {
          waiting = resolve;
        });
      }
      const response = ready.get(current);
      ready.delete(current);
      if (!response) throw failure ?? new Error(`Step ${current} was not prepared.`);
      if ('reason' in response) throw new Error(`Preparing step ${current} failed: ${response.reason}`);
      return response.batch;
    },
    async close() {
      worker.postMessage(undefined satisfies SceneRequest);
      await ended;
    },
  };
}
