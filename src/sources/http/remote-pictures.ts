/** Pictures by URL, each downloaded only if it has changed since it was last read. */

import { createHash } from 'node:crypto';
import { PHOTO_LIMITS } from '../../photo/photo-limits.ts';
import { messageOf } from '../../util/errors.ts';
import type { ItemRecord, UnchangedPicture } from '../source.ts';
import { FetchError } from './fetch-error.ts';
import type { FetchOptions } from './fetch-options.ts';
import type { Fetcher } from './fetcher.ts';
import { unpacked } from '../unpacked.ts';
import type { HttpCache } from './http-cache.ts';

export interface RemotePictures {
  /** The reading functions of an item's record. */
  at(url: URL): Required<Pick<ItemRecord, 'read' | 'readIfChanged'>>;
  /** How many pictures could not be fetched this time and were taken from an earlier run. */
  readonly stale: number;
}

export interface RemotePicturesOptions extends Pick<
  FetchOptions,
  'allowPrivate' | 'requestsPerSecond' | 'headers' | 'signal'
> {
  readonly fetcher: Fetcher;
  readonly cache: HttpCache;
  /** The only origin that gets `headers`; undefined: none does. */
  readonly origin?: string | undefined;
}

const ATTEMPT_MS = 30_000;
/** Below the two minutes after which a source counts as stalled. */
const TOTAL_MS = 100_000;

export function createRemotePictures(options: RemotePicturesOptions): RemotePictures {
  const { fetcher, cache, origin, headers, allowPrivate, requestsPerSecond, signal } = options;
  let stale = 0;

  /** @returns undefined when `validators` still match. */
  async function fetchPicture(
    url: URL,
    validators: FetchOptions['validators'],
  ): Promise<Uint8Array | undefined> {
    const fetched = await fetcher.fetch(
      url,
      {
        allowPrivate,
        requestsPerSecond,
        signal,
        headers: url.origin === origin ? headers : undefined,
        validators,
        maxBytes: PHOTO_LIMITS.bytes,
        attemptMs: ATTEMPT_MS,
        totalMs: TOTAL_MS,
      },
      async ({ body, contentEncoding, contentType, validators }) => {
        const chunks: Uint8Array[] = [];
        for await (const chunk of body) chunks.push(chunk);
        const bytes = await unpackedPicture(Buffer.concat(chunks), contentEncoding);
        return { bytes: new Uint8Array(bytes), contentType, validators };
      },
    );
    if (!fetched) return undefined;
    const { bytes, ...response } = fetched;
    // The validators belong to exactly these bytes, so a later change in the shop cannot make them match another picture.
    const digest = createHash('sha256').update(bytes).digest('hex');
    await cache.set(url, { ...response.validators, contentType: response.contentType, digest });
    return bytes;
  }

  async function readIfChanged(
    url: URL,
    isKnown: (digest: string) => Promise<boolean>,
  ): Promise<Uint8Array | UnchangedPicture> {
    const cached = await cache.get(url);
    const usable = cached && (await isKnown(cached.digest)) ? cached : undefined;
    try {
      const bytes = await fetchPicture(url, usable);
      if (bytes) return bytes;
      if (!usable) throw unexpectedNotModified();
      return { digest: usable.digest };
    } catch (error) {
      if (!usable || !(error instanceof FetchError && error.retryable)) throw error;
      // A server that fails for one picture does not cost the item; a server that is down ends the run.
      stale++;
      return { digest: usable.digest };
    }
  }

  return {
    get stale() {
      return stale;
    },
    at: (url) => ({
      async read() {
        const bytes = await fetchPicture(url, undefined);
        if (!bytes) throw unexpectedNotModified();
        return bytes;
      },
      readIfChanged: (isKnown) => readIfChanged(url, isKnown),
    }),
  };
}

// --- Internal helpers ---

/** @throws {FetchError} also for a web page: shops answer with their start page or a login where a picture is gone. */
async function unpackedPicture(bytes: Uint8Array, contentEncoding: string | undefined): Promise<Uint8Array> {
  const picture = await unpacked(bytes, PHOTO_LIMITS.bytes, contentEncoding).catch((error: unknown) => {
    throw new FetchError(messageOf(error), { cause: error });
  });
  if (/^\s*<(!doctype\s+)?html\b/i.test(Buffer.from(picture.subarray(0, 200)).toString('latin1')))
    throw new FetchError(
      'the server answered with a web page instead of the picture; perhaps the address requires a login',
    );
  return picture;
}

/** `Fetcher` returns undefined only for a conditional request. */
function unexpectedNotModified(): FetchError {
  return new FetchError('the server answered 304 to an unconditional request');
}
