/** Embeds both views of a photo that is searched by: together they find more than one does (`MODEL_CARD.md` of `fashion-lite2`). */

import type { EmbedOptions, Embedder } from '../embed/embedder.ts';
import type { PhotoViews } from '../photo/upright-photo.ts';
import { abortWith } from '../util/abort-with.ts';

export interface PhotoEmbedding {
  /** Embedding of the unmodified photo; used to detect a catalogue picture, because items are embedded unmodified. Unit vector. */
  readonly whole: Float32Array;
  /** Mean of the embeddings of both views. Unit vector. */
  readonly mean: Float32Array;
}

/**
 * Embeds both views or fails: when one fails, the other one leaves the queue at once.
 * @param views for `embedder.input`.
 * @throws what `Embedder.embed` throws.
 */
export async function embedViews(
  embedder: Pick<Embedder, 'embed'>,
  views: PhotoViews,
  { priority, signal }: EmbedOptions,
): Promise<PhotoEmbedding> {
  const leaving = new AbortController();
  const stopListening = abortWith(leaving, signal ? [signal] : []);
  const options = { priority, signal: leaving.signal };
  try {
    const [whole, middle] = await Promise.all([
      embedder.embed(views.whole, options),
      embedder.embed(views.middle, options),
    ]);
    const sum = whole.map((value, n) => value + middle[n]!);
    const length = Math.hypot(...sum);
    return { whole, mean: sum.map((value) => value / length) };
  } catch (error) {
    leaving.abort(error);
    throw error;
  } finally {
    stopListening();
  }
}
