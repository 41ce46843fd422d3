/** What a photo of a person is searched by: two looks at it find more than one (`MODEL_CARD.md` of `fashion-lite2`). */

import type { EmbedOptions, Embedder } from '../embed/embedder.ts';
import type { PhotoViews } from '../photo/decode-photo.ts';

export interface PhotoEmbedding {
  /** Of the photo as it is, which is how items are embedded: the one to know an item's own picture by. Unit vector. */
  readonly whole: Float32Array;
  /** The mean of that and of the mirrored middle. Unit vector. */
  readonly mean: Float32Array;
}

/**
 * Both looks or none: when one cannot be embedded, the other one does not wait any longer.
 * @param views for `embedder.input`.
 * @throws what `Embedder.embed` throws.
 */
export async function embedViews(
  embedder: Pick<Embedder, 'embed'>,
  { whole, middle }: PhotoViews,
  { priority, signal }: EmbedOptions,
): Promise<PhotoEmbedding> {
  const failed = new AbortController();
  const options = {
    priority,
    signal: signal ? AbortSignal.any([signal, failed.signal]) : failed.signal,
  };
  try {
    const [own, second] = await Promise.all([
      embedder.embed(whole, options),
      embedder.embed(middle, options),
    ]);
    const sum = own.map((value, n) => value + second[n]!);
    const length = Math.hypot(...sum);
    return { whole: own, mean: sum.map((value) => value / length) };
  } catch (error) {
    failed.abort(error);
    throw error;
  }
}
