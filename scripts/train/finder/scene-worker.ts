/** Worker thread of `scene-loader`: composes the scenes of a batch. */

import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../../src/util/errors.ts';
import { createRandom } from '../random.ts';
import { composeScene } from './compose-scene.ts';
import { openScenePool, type ScenePoolOptions } from './open-scene-pool.ts';
import { STRIDE, targetsOfScene } from './scene-targets.ts';
import { PRESENCES } from '../../../src/garments/garment-kinds.ts';

export type SceneWorkerData = ScenePoolOptions;

/** `undefined` asks the worker to end. */
export type SceneRequest =
  | {
      readonly step: number;
      readonly indices: readonly number[];
      readonly side: number;
      readonly seed: number;
    }
  | undefined;

export interface SceneBatch {
  /** RGB, `[n, side, side, 3]`. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** Of coarse pixels: `[n, side / STRIDE, side / STRIDE]`. */
  readonly classes: Uint8Array<ArrayBuffer>;
  /** `[n, PRESENCES]`. */
  readonly presence: Uint8Array<ArrayBuffer>;
}

export type SceneResponse =
  { readonly step: number; readonly batch: SceneBatch } | { readonly step: number; readonly reason: string };

const pool = await openScenePool(workerData as SceneWorkerData);

parentPort?.on('message', (request: SceneRequest) => {
  if (!request) {
    void pool.close().then(() => parentPort?.close());
    return;
  }
  const { step } = request;
  prepare(request).then(
    (batch) => {
      const moved = [batch.pixels.buffer, batch.classes.buffer, batch.presence.buffer];
      parentPort?.postMessage({ step, batch } satisfies SceneResponse, moved);
    },
    (error: unknown) => {
      parentPort?.postMessage({ step, reason: messageOf(error) } satisfies SceneResponse);
    },
  );
});

// --- Internal helpers ---

async function prepare({ step, indices, side, seed }: NonNullable<SceneRequest>): Promise<SceneBatch> {
  const coarse = (side / STRIDE) ** 2;
  const pixels = new Uint8Array(indices.length * side * side * 3);
  const classes = new Uint8Array(indices.length * coarse);
  const presence = new Uint8Array(indices.length * PRESENCES.length);
  for (const [n, place] of indices.entries()) {
    const scene = await composeScene(pool, place, side, createRandom(seed, step, n));
    const targets = targetsOfScene(scene);
    pixels.set(scene.data, n * side * side * 3);
    classes.set(targets.classes, n * coarse);
    presence.set(targets.presence, n * PRESENCES.length);
  }
  return { pixels, classes, presence };
}
