/** Adds crops of outfits to the batches of a loader of views. */

import type { StepLoader } from '../step-loader.ts';
import type { ViewLoader } from '../view-loader.ts';
import type { CropBatch } from './crop-worker.ts';

/** Both must start at the same step. */
export function withCrops(views: ViewLoader, crops: StepLoader<CropBatch>): ViewLoader {
  return {
    async next() {
      const [ofItems, ofCrops] = await Promise.all([views.next(), crops.next()]);
      return { ...ofItems, crops: ofCrops };
    },
    async close() {
      await Promise.all([views.close(), crops.close()]);
    },
  };
}
