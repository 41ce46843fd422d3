/** Pictures by their web addresses, each downloaded only when it is not the one that was read last. */

import { createHash } from 'node:crypto';
import { PHOTO_LIMITS } from '../../photo/photo-limits.ts';
import type { ItemRecord, SamePicture } from '../source.ts';
import { FetchError } from './fetch-error.ts';
import type { Answer, Fetcher, FetchOptions } from './fetcher.ts';
import type { HttpCache } from './http-cache.ts';

export interface RemotePictures {
  /** The reading part of an item's record. */
  at(url: URL): Required<Pick<ItemRecord, 'read' | 'readUnlessKnown'>>;
  /** Pictures that could not be had now and were taken as they were. */
  readonly stale: number;
}

export interface RemotePicturesOptions extends Pick<
  FetchOptions,
  'allowPrivate' | 'requestsPerSecond' | 'headers' | 'signal'
> {
  readonly fetcher: Fetcher;
  readonly memory: HttpCache;
  /** The only origin that gets `headers`; undefined: none does. */
  readonly origin?: string | undefined;
}

const TRY_MS = 30_000;
/** Less than the two minutes after which a source counts as silent. */
const TOTAL_MS = 100_000;

export function createRemotePictures(options: RemotePicturesOptions): RemotePictures {
  const { fetcher, memory, origin, headers, allowPrivate, requestsPerSecond, signal } = options;
  let stale = 0;

  async function fetchPicture(url: URL, unless: FetchOptions['unless']): Promise<Uint8Array | undefined> {
    const answer = await fetcher.fetch(
      url,
      {
        allowPrivate,
        requestsPerSecond,
        signal,
        headers: url.origin === origin ? headers : undefined,
        unless,
        maxBytes: PHOTO_LIMITS.bytes,
        tryMs: TRY_MS,
        totalMs: TOTAL_MS,
      },
      async ({ body, contentEncoding, contentType, validators }: Answer) => {
        if (contentEncoding !== undefined && contentEncoding !== 'identity')
          throw new FetchError(`the picture came packed (${contentEncoding.slice(0, 20)})`);
        const chunks: Uint8Array[] = [];
        for await (const chunk of body) chunks.push(chunk);
        return { bytes: new Uint8Array(Buffer.concat(chunks)), contentType, validators };
      },
    );
    if (!answer) return undefined;
    const { bytes, contentType, validators } = answer;
    // The validators came with these very bytes: whatever the shop changes now, they never speak for another picture.
    const digest = createHash('sha256').update(bytes).digest('hex');
    await memory.set(url, { ...validators, contentType, digest });
    return bytes;
  }

  async function readUnlessKnown(
    url: URL,
    isKnown: (digest: string) => Promise<boolean>,
  ): Promise<Uint8Array | SamePicture> {
    const last = await memory.get(url);
    const usable = last && (await isKnown(last.digest)) ? last : undefined;
    try {
      const bytes = await fetchPicture(url, usable);
      if (bytes) return bytes;
      if (!usable) throw unasked304();
      return { digest: usable.digest };
    } catch (error) {
      if (!usable || !(error instanceof FetchError && error.passing)) throw error;
      // A shop that stumbles over one picture does not lose the item; a shop that is down ends the run.
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
        if (!bytes) throw unasked304();
        return bytes;
      },
      readUnlessKnown: (isKnown) => readUnlessKnown(url, isKnown),
    }),
  };
}

// --- Internal helpers ---

/** `Fetcher` brings undefined only where it was given validators. */
function unasked304(): FetchError {
  return new FetchError('the server answered 304 to a plain question');
}
