/** Worker thread of `view-loader`: prepares the two views of a batch of items. */

import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../src/util/errors.ts';
import { type Editions, openItemPictures } from './pictures-of-items.ts';
import { createRandom } from './random.ts';
import { catalogueView, shopperView } from './views.ts';

export interface ViewWorkerData {
  readonly editions: Editions;
}

/** `undefined`: end. */
export type ViewRequest =
  | { readonly step: number; readonly ids: readonly string[]; readonly side: number; readonly seed: number }
  | undefined;

export type ViewResponse =
  | { readonly step: number; readonly pixels: Uint8Array<ArrayBuffer> }
  | { readonly step: number; readonly reason: string };

const { editions } = workerData as ViewWorkerData;
const pictures = await openItemPictures(editions);

parentPort?.on('message', (request: ViewRequest) => {
  if (!request) {
    void pictures.close().then(() => parentPort?.close());
    return;
  }
  const { step } = request;
  prepare(request).then(
    (pixels) => {
      parentPort?.postMessage({ step, pixels } satisfies ViewResponse, [pixels.buffer]);
    },
    (error: unknown) => {
      parentPort?.postMessage({ step, reason: messageOf(error) } satisfies ViewResponse);
    },
  );
});

// --- Internal helpers ---

/** All catalogue views, then all shopper views: `[2 * ids, side, side, 3]`. */
async function prepare({
  ids,
  side,
  seed,
  step,
}: NonNullable<ViewRequest>): Promise<Uint8Array<ArrayBuffer>> {
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
  return pixels;
}
