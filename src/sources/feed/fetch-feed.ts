/** Brings a feed from its web address into a file, unless the one that was brought last is still the same. */

import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { messageOf, OperatorError } from '../../util/errors.ts';
import { FetchError, placeOf } from '../http/fetch-error.ts';
import type { Answer, Fetcher, FetchOptions } from '../http/fetcher.ts';
import { addressDigest, type HttpCache, type CachedResponse } from '../http/http-cache.ts';
import { tooLarge } from '../file-tree.ts';
import { readPieces } from './feed-text.ts';

/** What is needed to fetch from the web. */
export interface WebAccess {
  readonly fetcher: Fetcher;
  readonly memory: HttpCache;
  /** Holds the copies of feeds; made when it is missing. */
  readonly feedsFolder: string;
}

export interface FetchedFeed {
  readonly file: FileHandle;
  readonly contentType: string | undefined;
  /** Whether the copy of the last time was used. */
  readonly isSame: boolean;
  /** This copy is whole: it is used next time while the feed is still the same. */
  keep(): Promise<void>;
  /** This copy is of no use. The file stays open. */
  drop(): Promise<void>;
}

export type FetchFeedOptions = Pick<
  FetchOptions,
  'allowPrivate' | 'requestsPerSecond' | 'headers' | 'signal'
>;

/** About two million items; unpacked. */
const MAX_BYTES = 1_000_000_000;
const TRY_MS = 600_000;
const TOTAL_MS = 900_000;

/** @throws {OperatorError} that names host and path and says why the feed cannot be had. */
export async function fetchFeed(
  url: URL,
  { fetcher, memory, feedsFolder }: WebAccess,
  options: FetchFeedOptions,
): Promise<FetchedFeed> {
  await prepare(feedsFolder);
  const copy = join(feedsFolder, addressDigest(url));
  const last = await memory.get(url);
  const lastFile = last && (await openIfSame(copy, last));
  const limits = { maxBytes: MAX_BYTES, tryMs: TRY_MS, totalMs: TOTAL_MS, acceptGzip: true };
  try {
    const fetched = await fetcher.fetch(
      url,
      { ...options, ...limits, unless: lastFile && last },
      async (answer) => ({ ...(await bring(answer, copy)), answer }),
    );
    if (!fetched && lastFile) {
      const now = new Date();
      await utimes(copy, now, now);
      const nothing = (): Promise<void> => Promise.resolve();
      return { file: lastFile, contentType: last.contentType, isSame: true, keep: nothing, drop: nothing };
    }
    await lastFile?.close();
    if (!fetched) throw new FetchError('the server answered 304 to a plain question');
    const { path, digest, file, answer } = fetched;
    // The open file stays readable without its name; it gets one when it has proved to be whole.
    return {
      file,
      contentType: answer.contentType,
      isSame: false,
      drop: () => rm(path, { force: true }),
      async keep() {
        await rename(path, copy);
        await memory.set(url, { ...answer.validators, contentType: answer.contentType, digest });
      },
    };
  } catch (error) {
    await lastFile?.close();
    if (error instanceof OperatorError || options.signal.aborted) throw error;
    if (!(error instanceof FetchError)) throw storageError(error, feedsFolder);
    throw new OperatorError(
      `The feed ${placeOf(url)} cannot be fetched: ${messageOf(error)}. Nothing was changed. ` +
        'Check the address and the server, then run the same again.',
      { cause: error },
    );
  }
}

// --- Internal helpers ---

/** A copy that a killed process left half made is of no use to anybody. */
const LEFT_OVER_MS = 24 * 3600 * 1000;
/** A copy that nobody used for so long is of a source that left; if not, the feed comes once more. */
const UNUSED_MS = 30 * 24 * 3600 * 1000;

async function prepare(feedsFolder: string): Promise<void> {
  try {
    await mkdir(feedsFolder, { recursive: true });
    for (const name of await readdir(feedsFolder)) {
      const path = join(feedsFolder, name);
      const kept = name.endsWith('.part') ? LEFT_OVER_MS : UNUSED_MS;
      if (Date.now() - (await stat(path)).mtimeMs > kept) await rm(path);
    }
  } catch (error) {
    throw storageError(error, feedsFolder);
  }
}

function storageError(error: unknown, feedsFolder: string): unknown {
  if (!(error instanceof Error && 'code' in error)) return error;
  return new OperatorError(
    `The feed's copy cannot be kept in ${feedsFolder} (${String(error.code)}). Nothing was changed. ` +
      'Make room, or make the folder writable for this user, then run the same again.',
    { cause: error },
  );
}

interface Brought {
  readonly path: string;
  readonly file: FileHandle;
  /** SHA-256 of the unpacked bytes, hex. */
  readonly digest: string;
}

async function bring({ body, contentEncoding = 'identity' }: Answer, copy: string): Promise<Brought> {
  if (!/^(identity|(x-)?gzip)$/i.test(contentEncoding)) {
    throw new FetchError(
      `the server packed it in a way that nobody asked for (${contentEncoding.slice(0, 20)})`,
    );
  }
  const path = `${copy}.${randomUUID()}.part`;
  const file = await open(path, 'wx+');
  const hash = createHash('sha256');
  let bytes = 0;
  const write = async (chunks: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) throw new FetchError(tooLarge(bytes, MAX_BYTES).message);
      hash.update(chunk);
      await file.writeFile(chunk);
    }
  };
  try {
    const { isGzip, all } = await peek(body);
    // Whether the server says so or the file is a .gz: what unpacks to too much, or ends too early, fails.
    if (isGzip) await pipeline(all, createGunzip(), write);
    else await write(all);
    return { path, file, digest: hash.digest('hex') };
  } catch (error) {
    await file.close();
    await rm(path, { force: true });
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'))
      throw new FetchError('it is packed and damaged, or was cut off', { passing: true, cause: error });
    throw error;
  }
}

/** The same bytes, after a look at the first two. */
async function peek(body: AsyncIterable<Uint8Array>): Promise<{
  isGzip: boolean;
  all: AsyncIterable<Uint8Array>;
}> {
  const chunks = body[Symbol.asyncIterator]();
  let start: Uint8Array = new Uint8Array();
  while (start.length < 2) {
    const step: IteratorResult<Uint8Array, unknown> = await chunks.next();
    if (step.done) break;
    start = Buffer.concat([start, step.value]);
  }
  async function* all(): AsyncGenerator<Uint8Array, void> {
    if (start.length > 0) yield start;
    for (;;) {
      const step: IteratorResult<Uint8Array, unknown> = await chunks.next();
      if (step.done) return;
      yield step.value;
    }
  }
  return { isGzip: start[0] === 0x1f && start[1] === 0x8b, all: all() };
}

/** The copy, if it is there and nobody has changed it. */
async function openIfSame(copy: string, { digest }: CachedResponse): Promise<FileHandle | undefined> {
  const file = await open(copy).catch(() => undefined);
  if (!file) return undefined;
  const hash = createHash('sha256');
  for await (const piece of readPieces(file)) hash.update(piece);
  if (hash.digest('hex') === digest) return file;
  await file.close();
  return undefined;
}
