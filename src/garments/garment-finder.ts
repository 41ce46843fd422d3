/** Finds the garments of a photo: the network on the photo and its mirror image, then boxes and probabilities. */

import type { Engine } from '../embed/engine.ts';
import { findGarments, type Garment, garmentCandidates } from './find-garments.ts';
import type { FinderModel } from './finder-model.ts';
import { createPrioritySemaphore } from '../photo/priority-semaphore.ts';
import { productEvidence, productProbability } from './product-score.ts';
import { meanOfMaps, type ScoreMaps, scoreMaps } from './score-maps.ts';

export interface FoundGarments {
  /** The most prominent first; none when the photo shows no product. */
  readonly garments: readonly Garment[];
  /** That the photo shows a product at all, 0 to 1. */
  readonly productProbability: number;
  /** Whether that is enough to answer with items. */
  readonly isProduct: boolean;
}

export interface FindOptions {
  /** A photo that still waits leaves the queue; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface GarmentFinder {
  /** Side of the square that `find` takes, in pixels. */
  readonly side: number;
  /**
   * @param pixels the whole photo, upright, squashed to the square of the model's manifest: RGB, 8 bit, interleaved.
   * @throws {BusyError} when too many photos are waiting.
   * @throws {ClosedError} after `close()`.
   */
  find(pixels: Uint8Array, options?: FindOptions): Promise<FoundGarments>;
  /** The maps that `find` goes by, the mean of both images of the photo. */
  maps(pixels: Uint8Array): Promise<ScoreMaps>;
  /** Idempotent. */
  close(): Promise<void>;
}

export interface GarmentFinderOptions {
  /** Runs `model.runnable`. */
  readonly engine: Engine;
  readonly model: Pick<FinderModel, 'manifest'>;
}

export function createGarmentFinder({ engine, model }: GarmentFinderOptions): GarmentFinder {
  const { calibration, input } = model.manifest;
  const slots = createPrioritySemaphore(engine.parallelism, { interactive: QUEUE_CAPACITY, bulk: 0 });

  async function maps(pixels: Uint8Array): Promise<ScoreMaps> {
    const images = [pixels, mirrorSquare(pixels)];
    const batches = engine.maxBatch >= images.length ? [images] : images.map((image) => [image]);
    const rows = (await Promise.all(batches.map((batch) => engine.run(batch)))).flat();
    return meanOfMaps(rows.map(({ embedding }, n) => scoreMaps(embedding, n === 1)));
  }

  return {
    side: input.side,
    maps,

    async find(pixels, { signal } = {}) {
      const found = await slots.run(() => maps(pixels), { priority: 'interactive', signal });
      return garmentsOf(found, calibration);
    },

    close: () => engine.close(),
  };
}

/** How many photos may wait for the finder: as many as may wait for the decoder, and those that it decodes. */
const QUEUE_CAPACITY = 64;

/** What a photo's maps say by a manifest's calibration. */
export function garmentsOf(
  maps: ScoreMaps,
  calibration: FinderModel['manifest']['calibration'],
): FoundGarments {
  const candidates = garmentCandidates(maps);
  const evidence = productEvidence(maps, candidates, calibration.garment);
  const probability = productProbability(evidence, calibration.product);
  const isProduct = probability >= calibration.productFrom;
  return {
    garments: isProduct ? findGarments(candidates, calibration.garment, calibration.garmentFrom) : [],
    productProbability: probability,
    isProduct,
  };
}

/** @param pixels RGB of a square. */
export function mirrorSquare(pixels: Uint8Array): Uint8Array {
  const side = Math.sqrt(pixels.length / 3);
  const mirrored = new Uint8Array(pixels.length);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const from = (y * side + x) * 3;
      const to = (y * side + side - 1 - x) * 3;
      for (let channel = 0; channel < 3; channel++) mirrored[to + channel] = pixels[from + channel]!;
    }
  }
  return mirrored;
}
