/** Answers the photos of one post: each is read and searched by on its own, within limits of memory and time. */

import { ClosedError, InputError } from '../util/errors.ts';
import { createPrioritySemaphore } from '../photo/priority-semaphore.ts';
import type { PhotoOutcome } from './answer.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { GarmentKind } from '../garments/garment-kinds.ts';
import type { Recommender } from '../recommend/recommend.ts';
import type { Filter } from '../search/filter.ts';
import type { Clock } from '../util/clock.ts';
import type { IncomingPhoto, PhotoPost } from './conversation.ts';
import type { ErrorText } from './error-texts.ts';
import { personKey } from './keys.ts';
import type { PhotoCache } from './photo-cache.ts';
import type { Texts } from './translations.ts';

export interface AnswerPhotosDependencies {
  readonly cache: PhotoCache;
  readonly recommender: Pick<Recommender, 'page'>;
  readonly errorText: ErrorText;
  readonly metrics: Pick<Metrics, 'doorPhoto'>;
  readonly clock: Clock;
}

type FoundOutcome = Extract<PhotoOutcome, { kind: 'found' }>;

/** Time limit for one photo, waiting included. People do not wait longer, and an adapter that hangs must not block a reply. */
export const PHOTO_LIMIT_MS = 30_000;

/** How many photos are held in memory at once, each at most 12 MB. */
const IN_MEMORY = 16;
/** How many more photos may wait; they are not downloaded yet. The two adapters send at most 48 each, so this is never reached. */
const WAITING = 128;

/** Returns one outcome for each photo, in the same order. Rejects only with `ClosedError`. */
export type AnswerPhotos = (
  photos: readonly IncomingPhoto[],
  post: Pick<PhotoPost, 'origin' | 'filter' | 'garment'>,
  texts: Texts,
) => Promise<PhotoOutcome[]>;

export function createAnswerPhotos(dependencies: AnswerPhotosDependencies): AnswerPhotos {
  const { cache, recommender, errorText, metrics, clock } = dependencies;
  const slots = createPrioritySemaphore(IN_MEMORY, { interactive: WAITING, bulk: 0 });

  /** The gallery of the wanted garment, if the photo shows one. */
  async function ofGarment(
    outcome: FoundOutcome,
    kind: GarmentKind | undefined,
    filter: Filter | undefined,
  ): Promise<FoundOutcome> {
    if (kind === undefined || !outcome.gallery.garmentSeen) return outcome;
    const wanted = outcome.gallery.garments.find((garment) => garment.kind === kind);
    if (!wanted) return { ...outcome, absent: kind };
    return { ...outcome, gallery: await recommender.page(wanted.gallery, { filter }) };
  }

  return (photos, { origin, filter, garment }, texts) => {
    const person = personKey(origin);

    const answer = async (photo: IncomingPhoto): Promise<PhotoOutcome> => {
      try {
        const found = await withinLimit(clock, (signal) =>
          slots.run(
            () => {
              const bytes = photo.read(signal);
              const gallery = bytes.then((photo) => cache.galleryOf({ photo, filter, person, signal }));
              return unlessAborted(gallery, signal);
            },
            { priority: 'interactive', signal },
          ),
        );
        metrics.doorPhoto(origin.door, 'found');
        return await ofGarment({ kind: 'found', ...found }, garment, filter);
      } catch (error) {
        if (error instanceof ClosedError) throw error;
        metrics.doorPhoto(origin.door, 'failed');
        return { kind: 'failed', reason: errorText(error, texts, 'photo') };
      }
    };
    return Promise.all(photos.map(answer));
  };
}

// --- Internal helpers ---

/** Aborts the work when it takes longer than the limit. */
async function withinLimit<T>(clock: Clock, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const limit = new AbortController();
  const done = new AbortController();
  void clock.wait(PHOTO_LIMIT_MS, done.signal).then(() => {
    limit.abort(
      new InputError('photo-too-slow', 'The photo took too long. Send it again, or a smaller one.'),
    );
  });
  try {
    return await work(limit.signal);
  } finally {
    done.abort();
  }
}

/** Stops waiting for an adapter or an engine that ignores its signal, so that it cannot hold a slot for ever. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', abort);
    });
  });
}
