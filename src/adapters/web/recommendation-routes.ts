/** Routes of the search: a gallery for each photo, further pages of a gallery, the same search with another filter. */

import type { FastifyInstance, FastifyReply } from 'fastify';
import { ClosedError } from '../../util/errors.ts';
import type { Gallery } from '../../recommend/gallery.ts';
import type { Metrics } from '../../metrics/metrics.ts';
import type { Recommender } from '../../recommend/recommend.ts';
import { failedGalleryJson, galleryJson } from './gallery-json.ts';
import { problemOf } from './problem.ts';
import { type RawFields, readPageOptions } from './read-query.ts';
import { maxUploadBytes, readUpload } from './read-upload.ts';
import { createUploadBudget } from './upload-budget.ts';

/** Memory for all uploads in progress, in bytes: at least five forms of the largest size at the usual 12 MB a photo. */
const UPLOAD_BUDGET_BYTES = 256 * 1024 * 1024;

export interface RecommendationRoutesDependencies {
  readonly recommender: Recommender;
  readonly maxPhotoBytes: number;
  readonly metrics: Pick<Metrics, 'doorPhoto'>;
  /** Called with an unexpected error of one photo, so that it is logged although the other photos are answered. */
  readonly onUnforeseen: (error: unknown) => void;
}

export function recommendationRoutes(app: FastifyInstance, deps: RecommendationRoutesDependencies): void {
  const { recommender, maxPhotoBytes, metrics, onUnforeseen } = deps;
  const budget = createUploadBudget(UPLOAD_BUDGET_BYTES);

  app.post('/api/recommendations', async (request, reply) => {
    const announced = Number(request.headers['content-length'] ?? Infinity);
    const release = budget.reserve(Math.min(announced, maxUploadBytes(maxPhotoBytes)));
    try {
      const signal = signalOfDisconnect(reply);
      const { photos, options } = await readUpload(request, maxPhotoBytes);
      const outcomes = await Promise.allSettled(
        photos.map((photo) => recommender.recommend(photo, { ...options, signal })),
      );
      signal.throwIfAborted();
      for (const outcome of outcomes) metrics.doorPhoto('web', isAnswered(outcome) ? 'found' : 'failed');
      if (!outcomes.some(isAnswered)) throw (outcomes[0] as PromiseRejectedResult).reason;
      return {
        galleries: outcomes.map((outcome) => {
          if (isAnswered(outcome)) return galleryJson(outcome.value);
          const problem = problemOf(outcome.reason);
          if (problem.status === 500) onUnforeseen(outcome.reason);
          return failedGalleryJson(problem);
        }),
      };
    } finally {
      release();
    }
  });

  app.get<{ Params: { id: string }; Querystring: RawFields }>('/api/galleries/:id', async (request) =>
    galleryJson(await recommender.page(request.params.id, readPageOptions(request.query))),
  );
}

// --- Internal helpers ---

function isAnswered(outcome: PromiseSettledResult<Gallery>): outcome is PromiseFulfilledResult<Gallery> {
  return outcome.status === 'fulfilled';
}

/** Aborts when the client disconnects before the answer is written, so that no work is done in vain. */
function signalOfDisconnect(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished)
      controller.abort(new ClosedError('The client disconnected before the answer.'));
  });
  return controller.signal;
}
