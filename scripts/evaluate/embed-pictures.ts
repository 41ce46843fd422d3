/** Embeds many pictures in order, as items or as photos of people. */

import { pMapIterable } from 'p-map';
import type { Embedder } from '../../src/embed/embedder.ts';
import type { PhotoDecoder } from '../../src/photo/decode-photo.ts';
import { embedViews } from '../../src/recommend/embed-views.ts';
import type { Rows } from './neighbours.ts';

/** The file of a picture, as JPEG, PNG, WebP, GIF or AVIF. */
export type ReadPicture = () => Promise<Uint8Array>;

export interface PictureEmbedder {
  /** In one view, as items are embedded. */
  asItems(pictures: readonly ReadPicture[]): Promise<Rows>;
  /** The mean of two views, as photos of people are embedded. */
  asPhotos(pictures: readonly ReadPicture[]): Promise<Rows>;
}

export interface PictureEmbedderOptions {
  readonly embedder: Embedder;
  readonly decoder: PhotoDecoder;
  /** After each picture. */
  readonly onPicture?: () => void;
}

const IN_FLIGHT = 16;
const BULK = { priority: 'bulk' } as const;

export function createPictureEmbedder(options: PictureEmbedderOptions): PictureEmbedder {
  const { embedder, decoder, onPicture } = options;
  const { dimension } = embedder.fingerprint;
  const asItem = async (bytes: Uint8Array): Promise<Float32Array> =>
    embedder.embed(await decoder.decode(bytes, embedder.input, BULK), BULK);
  // The product's rule for an item's own picture does not apply: the item of a query is excluded from its results.
  const asPhoto = async (bytes: Uint8Array): Promise<Float32Array> =>
    (await embedViews(embedder, await (await decoder.open(bytes, BULK)).views(embedder.input.side), BULK))
      .mean;

  async function embedAll(pictures: readonly ReadPicture[], embedOne: typeof asItem): Promise<Rows> {
    const vectors = new Float32Array(pictures.length * dimension);
    let at = 0;
    const embed = async (read: ReadPicture): Promise<Float32Array> => embedOne(await read());
    for await (const vector of pMapIterable(pictures, embed, {
      concurrency: IN_FLIGHT,
      backpressure: 4 * IN_FLIGHT,
    })) {
      vectors.set(vector, at);
      at += dimension;
      onPicture?.();
    }
    return { vectors, dimension };
  }

  return {
    asItems: (pictures) => embedAll(pictures, asItem),
    asPhotos: (pictures) => embedAll(pictures, asPhoto),
  };
}
