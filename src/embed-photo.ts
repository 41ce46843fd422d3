/** What a photo of a person is searched by: two looks at it, as one finds less than both (measured in the model's card). */

import type { EmbedOptions, Embedder } from './embed/embedder.ts';
import { mirroredMiddle } from './photo/mirrored-middle.ts';

export interface PhotoEmbedding {
  /** Of the photo as it is, which is how items are embedded: the one to know an item's own picture by. Unit vector. */
  readonly whole: Float32Array;
  /** The mean of that and of the mirrored middle. Unit vector. */
  readonly mean: Float32Array;
}

/**
 * @param pixels RGB, 8 bit, interleaved, `embedder.input.side` squared times 3 bytes.
 * @throws what `Embedder.embed` throws.
 */
export async function embedPhoto(
  embedder: Embedder,
  pixels: Uint8Array,
  options: EmbedOptions,
): Promise<PhotoEmbedding> {
  const [whole, middle] = await Promise.all([
    embedder.embed(pixels, options),
    mirroredMiddle(pixels, embedder.input.side).then((middle) => embedder.embed(middle, options)),
  ]);
  const mean = whole.map((value, n) => value + middle[n]!);
  const length = Math.hypot(...mean);
  return { whole, mean: mean.map((value) => value / length) };
}
