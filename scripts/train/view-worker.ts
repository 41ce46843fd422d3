/** Worker thread of `view-loader`: prepares the two views of a batch of items. */

import { workerData } from 'node:worker_threads';
import { type Editions, openItemPictures } from './pictures-of-items.ts';
import { createRandom } from './random.ts';
import { serveSteps } from './serve-steps.ts';
import { catalogueView, shopperView } from './views.ts';

export interface ViewWorkerData {
  readonly editions: Editions;
}

export interface ViewRequest {
  readonly step: number;
  readonly ids: readonly string[];
  readonly side: number;
  readonly seed: number;
}

const { editions } = workerData as ViewWorkerData;
const pictures = await openItemPictures(editions);

serveSteps(prepare, () => pictures.close());

// --- Internal helpers ---

/** All catalogue views, then all shopper views: `[2 * ids, side, side, 3]`. */
async function prepare({
  ids,
  side,
  seed,
  step,
}: ViewRequest): Promise<readonly [Uint8Array, readonly ArrayBuffer[]]> {
  const raw = await Promise.all(ids.map((id) => pictures.picture(id)));
  const length = side * side * 3;
  const pixels = new Uint8Array(2 * ids.length * length);
  await Promise.all(
    raw.map(async (picture, n) => {
      const random = createRandom(seed, step, n);
      const other = raw[(n + 1 + random.below(raw.length)) % raw.length]!;
      pixels.set(await catalogueView(picture, side, random), n * length);
      pixels.set(await shopperView(picture, other, side, random), (ids.length + n) * length);
    }),
  );
  return [pixels, [pixels.buffer]];
}
