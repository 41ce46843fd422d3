/** A small embedder without a neural network. Its embedding of a picture is the mean colour of each quarter. */

import type { Embedder } from '../../src/embed/embedder.ts';
import type { ModelFingerprint } from '../../src/embed/model.ts';

export const COLOUR_FINGERPRINT: ModelFingerprint = {
  model: 'colour-quarters',
  version: '1',
  head: 'none',
  dimension: 13,
  weights: '0'.repeat(64),
  preprocessing: 'squash 16',
};

export interface ColourEmbedder extends Embedder {
  /** Photos embedded so far. */
  readonly embedded: number;
}

export function createColourEmbedder(): ColourEmbedder {
  const input = {
    name: 'pixels',
    side: 16,
    resize: 'squash' as const,
    mean: [0, 0, 0],
    std: [1, 1, 1],
  } satisfies Embedder['input'];
  let embedded = 0;
  return {
    fingerprint: COLOUR_FINGERPRINT,
    input,
    get embedded() {
      return embedded;
    },
    async embed(pixels, { signal }) {
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
      embedded++;
      return quarters(pixels, input.side);
    },
    status: () => ({
      engine: 'colour',
      device: 'none',
      skipped: [],
      isAlive: true,
      waiting: { interactive: 0, bulk: 0 },
    }),
    close: () => Promise.resolve(),
  };
}

/** Centred on grey, so that opposite colours point in opposite directions; the last component keeps grey from being zero. */
function quarters(pixels: Uint8Array, side: number): Float32Array {
  const sums = new Float32Array(COLOUR_FINGERPRINT.dimension);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const quarter = (y < side / 2 ? 0 : 2) + (x < side / 2 ? 0 : 1);
      for (let channel = 0; channel < 3; channel++) {
        sums[quarter * 3 + channel]! += pixels[(y * side + x) * 3 + channel]! - 127.5;
      }
    }
  }
  sums[12] = 1000;
  const length = Math.hypot(...sums);
  return sums.map((sum) => sum / length);
}
