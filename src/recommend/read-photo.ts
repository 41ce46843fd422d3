/** From the bytes of a photo to the vectors that it is searched by, and the garments that it shows. */

import type { Embedder } from '../embed/embedder.ts';
import type { Garment } from '../garments/find-garments.ts';
import type { FoundGarments, GarmentFinder } from '../garments/garment-finder.ts';
import { isOutfit } from '../garments/is-outfit.ts';
import { orderGarments } from '../garments/order-garments.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Box } from '../photo/box.ts';
import type { PhotoDecoder } from '../photo/decode-photo.ts';
import type { UprightPhoto } from '../photo/upright-photo.ts';
import { abortWith } from '../util/abort-with.ts';
import { embedViews, type PhotoEmbedding } from './embed-views.ts';

export interface PhotoReading {
  /** Of the upright photo, in pixels. */
  readonly size: { readonly width: number; readonly height: number };
  /** Of the whole photo, or of the box. */
  readonly embedding: PhotoEmbedding;
  /** Whether the photo shows any product. True when there is no finder to tell. */
  readonly garmentSeen: boolean;
  /** At most `MOST_GARMENTS`, those of the most prominent person first. */
  readonly garments: readonly ReadGarment[];
  /** Whether the garments are to be searched by one by one. */
  readonly isOutfit: boolean;
  readonly severalPeople: boolean;
}

export interface ReadGarment extends Pick<Garment, 'kind' | 'box' | 'probability'> {
  /** Of the garment alone. Undefined for the only garment that counts: it is searched by as the whole photo. Unit vector. */
  readonly embedding: Float32Array | undefined;
}

export interface ReadPhotoOptions {
  /** Read only this part of the photo, as one garment in this box. */
  readonly box?: Box | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ReadPhotoDependencies {
  readonly decoder: Pick<PhotoDecoder, 'open'>;
  readonly embedder: Pick<Embedder, 'embed' | 'input'>;
  /** Default: garments are not looked for. */
  readonly finder?: Pick<GarmentFinder, 'find' | 'side'> | undefined;
  readonly metrics: Pick<Metrics, 'timed'>;
}

/** As many as the first answer has places. */
export const MOST_GARMENTS = 5;

/** @throws {InputError | BusyError} what decoder, embedder and finder throw; the others then stop at once. */
export type ReadPhoto = (bytes: Uint8Array, options: ReadPhotoOptions) => Promise<PhotoReading>;

export function createReadPhoto({ decoder, embedder, finder, metrics }: ReadPhotoDependencies): ReadPhoto {
  const { side } = embedder.input;

  async function find(
    photo: UprightPhoto,
    box: Box | undefined,
    signal: AbortSignal,
  ): Promise<FoundGarments | undefined> {
    if (!finder) return undefined;
    const pixels = await photo.square(finder.side, box);
    return metrics.timed('find-garments', () => finder.find(pixels, { signal }));
  }

  async function embedGarment(
    photo: UprightPhoto,
    { box }: Garment,
    signal: AbortSignal,
  ): Promise<Float32Array> {
    const pixels = await photo.square(side, box);
    return embedder.embed(pixels, { priority: 'interactive', signal });
  }

  return async (bytes, { box, signal }) => {
    const photo = await metrics.timed('decode', () =>
      decoder.open(bytes, { priority: 'interactive', signal }),
    );
    const { width, height } = photo;
    const leaving = new AbortController();
    const stopListening = abortWith(leaving, signal ? [signal] : []);
    const options = { priority: 'interactive', signal: leaving.signal } as const;
    try {
      const [embedding, found] = await Promise.all([
        photo
          .views(side, box)
          .then((views) => metrics.timed('embed', () => embedViews(embedder, views, options))),
        find(photo, box, leaving.signal),
      ]);
      const reading = { size: { width, height }, embedding, garmentSeen: found?.isProduct ?? true };
      const { garments, severalPeople } = orderGarments(found?.garments ?? []);
      if (garments.length === 0) return { ...reading, garments: [], isOutfit: false, severalPeople: false };
      const isWhole = box !== undefined || !isOutfit(garments);
      const largest = [...garments].sort((a, b) => b.share - a.share)[0]!;
      const shown = box
        ? [{ ...largest, box }]
        : (isWhole ? [largest, ...garments.filter((garment) => garment !== largest)] : garments).slice(
            0,
            MOST_GARMENTS,
          );
      const embeddings = await metrics.timed('embed-garments', () =>
        Promise.all(
          shown.map(async (garment, n) =>
            isWhole && n === 0 ? undefined : embedGarment(photo, garment, leaving.signal),
          ),
        ),
      );
      return {
        ...reading,
        garments: shown.map(({ kind, box, probability }, n) => ({
          kind,
          box,
          probability,
          embedding: embeddings[n],
        })),
        isOutfit: !isWhole,
        severalPeople,
      };
    } catch (error) {
      leaving.abort(error);
      throw error;
    } finally {
      stopListening();
    }
  };
}
