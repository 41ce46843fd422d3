/** RFC 9457 problem documents: the only form of error that the HTTP API returns. */

import { BusyError, ClosedError, InputError, type InputProblem } from '../../util/errors.ts';

/** Problems of a request that are found before a photo is read, and problems of the service itself. */
type DoorProblem =
  | 'not-multipart'
  | 'unexpected-field'
  | 'unsupported-media-type'
  | 'body-too-large'
  | 'address-too-long'
  | 'not-found'
  | 'method-not-allowed'
  | 'foreign-host'
  | 'foreign-origin'
  | 'not-local'
  | 'busy'
  | 'shutting-down'
  | 'not-ready'
  | 'internal';

export type ProblemSlug = InputProblem | DoorProblem;

const PROBLEMS: Readonly<Record<ProblemSlug, { readonly status: number; readonly title: string }>> = {
  'no-photo': { status: 400, title: 'There is no photo' },
  'too-many-photos': { status: 400, title: 'Too many photos at once' },
  'photo-empty': { status: 400, title: 'The photo is empty' },
  'photo-too-large': { status: 413, title: 'The photo is too large' },
  'photo-not-an-image': { status: 415, title: 'The file is not a photo' },
  'photo-unsupported-format': { status: 415, title: 'The photo has a format that cannot be read' },
  'photo-too-many-pixels': { status: 413, title: 'The photo has too many pixels' },
  'photo-damaged': { status: 422, title: 'The photo is damaged' },
  'photo-too-slow': { status: 422, title: 'The photo took too long to read' },
  'bad-request': { status: 400, title: 'The request cannot be understood' },
  'bad-filter': { status: 400, title: 'The filter cannot be read' },
  'bad-box': { status: 400, title: 'The box is not in the photo' },
  'unknown-item': { status: 404, title: 'There is no such item' },
  'unknown-gallery': { status: 410, title: 'This answer has expired' },
  'not-multipart': { status: 415, title: 'The request is not a multipart form' },
  'unexpected-field': { status: 400, title: 'The form has an unexpected field' },
  'unsupported-media-type': { status: 415, title: 'The content type is not accepted' },
  'body-too-large': { status: 413, title: 'The request is too large' },
  'address-too-long': { status: 414, title: 'The address is too long' },
  'not-found': { status: 404, title: 'There is nothing here' },
  'method-not-allowed': { status: 405, title: 'The method is not allowed here' },
  'foreign-host': { status: 421, title: 'The host name is not one of this server' },
  'foreign-origin': { status: 403, title: 'Another website sent this request' },
  'not-local': { status: 403, title: 'Only for the person at this machine' },
  busy: { status: 503, title: 'Too much to do right now' },
  'shutting-down': { status: 503, title: 'The service is shutting down' },
  'not-ready': { status: 503, title: 'The service is not ready' },
  internal: { status: 500, title: 'Something went wrong on our side' },
};

/** Seconds after which a restarted service can be expected to answer. */
const RESTART_SECONDS = 5;

export const PROBLEM_MEDIA_TYPE = 'application/problem+json; charset=utf-8';

/** A problem document. `retryAfter` repeats the `Retry-After` header (seconds) for clients that see only the body. */
export interface Problem {
  /** `/problems/<slug>`, relative to this server, which explains it there. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly retryAfter?: number;
}

/** A request that the API refuses by itself. `message` says what was expected, what came and what to do. */
export class DoorError extends Error {
  override readonly name = 'DoorError';
  readonly slug: DoorProblem;

  constructor(slug: DoorProblem, message: string) {
    super(message);
    this.slug = slug;
  }
}

export function isProblemSlug(text: string): text is ProblemSlug {
  return Object.hasOwn(PROBLEMS, text);
}

export function problem(slug: ProblemSlug, detail: string, retryAfter?: number): Problem {
  const document = { type: `/problems/${slug}`, ...PROBLEMS[slug], detail };
  return retryAfter === undefined ? document : { ...document, retryAfter };
}

/** The problem document of anything thrown. Of an unexpected error it says only that it happened. */
export function problemOf(error: unknown): Problem {
  if (error instanceof InputError) return problem(error.problem, error.message);
  if (error instanceof DoorError) return problem(error.slug, error.message);
  if (error instanceof BusyError) return problem('busy', error.message, error.retryAfterSeconds);
  if (error instanceof ClosedError) {
    return problem('shutting-down', 'The service is shutting down. Try again in a moment.', RESTART_SECONDS);
  }
  return (
    frameworkProblem(error) ??
    problem('internal', 'Something went wrong while answering, and it was logged. Try again later.')
  );
}

// --- Internal helpers ---

/** Fastify's own refusals, by code: https://fastify.dev/docs/latest/Reference/Errors/ */
function frameworkProblem(error: unknown): Problem | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_CTP_EMPTY_TYPE':
      return problem(
        'unsupported-media-type',
        'This content type is not accepted here. Send a form as multipart/form-data and a message as application/json.',
      );
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return problem('bad-request', 'The body is not JSON. Expected an object such as {"text":"/help"}.');
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return problem('body-too-large', 'The body is larger than this address accepts. Send less text.');
    case 'FST_ERR_BAD_URL':
      return problem(
        'bad-request',
        'The address holds a broken % escape. Encode ids with encodeURIComponent.',
      );
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return problem(
        'address-too-long',
        'The id in the address is longer than any id here. Check the address.',
      );
    default:
      return undefined;
  }
}
