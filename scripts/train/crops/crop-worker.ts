/** Worker thread of `crop-loader`: cuts and composes the crops of a batch. */

import { workerData } from 'node:worker_threads';
import { openOutfitPhotos, type Scene } from '../finder/outfit-photos.ts';
import { createRandom } from '../random.ts';
import { serveSteps } from '../serve-steps.ts';
import { composeCrop, type CropPool } from './compose-crop.ts';
import { createGarmentSampler } from './sample-garments.ts';
import type { TrainingGarment } from './training-garments.ts';

export interface CropWorkerData {
  /** The file of the outfit photos. */
  readonly photos: string;
  /** Of those that may be seen. */
  readonly names: readonly string[];
  readonly garments: readonly TrainingGarment[];
}

export interface CropRequest {
  readonly step: number;
  readonly side: number;
  /** How many crops. */
  readonly batch: number;
  readonly seed: number;
}

export interface CropBatch {
  /** RGB of as many squares as there are crops. */
  readonly pixels: Uint8Array;
  /** The garment of each crop, a place in the loader's `garments`. */
  readonly garments: Uint32Array;
}

/** Sets the random numbers of crops apart from those of views. */
const CROPS = 0xc809;

const { photos, names, garments } = workerData as CropWorkerData;
const outfits = await openOutfitPhotos(photos);
const kept = new Map<number, Promise<Scene>>();
const pool: CropPool = {
  photoCount: names.length,
  photo(place) {
    const known = kept.get(place) ?? outfits.labelled(names[place]!);
    kept.set(place, known); // some 2 MB each
    return known;
  },
};
const sample = createGarmentSampler(garments);

serveSteps(prepare, () => outfits.close());

// --- Internal helpers ---

async function prepare({
  step,
  side,
  batch,
  seed,
}: CropRequest): Promise<readonly [CropBatch, readonly ArrayBuffer[]]> {
  const length = side * side * 3;
  const pixels = new Uint8Array(batch * length);
  const chosen = new Uint32Array(batch);
  for (let n = 0; n < batch; n++) {
    const random = createRandom(seed, CROPS, step, n);
    const garment = sample(random);
    chosen[n] = garment;
    pixels.set(await composeCrop(pool, garments[garment]!, side, random), n * length);
  }
  return [{ pixels, garments: chosen }, [pixels.buffer, chosen.buffer]];
}
