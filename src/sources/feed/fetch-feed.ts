/** Downloads a feed from its URL into a file, unless the copy of the last download is still up to date. */

import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { messageOf, OperatorError } from '../../util/errors.ts';
import { codeOf } from '../../util/reason-of.ts';
import { displayUrl, FetchError } from '../http/fetch-error.ts';
import type { FetchResponse } from '../http/fetch-once.ts';
import type { FetchOptions } from '../http/fetch-options.ts';
import type { Fetcher } from '../http/fetcher.ts';
import { type CachedResponse, type HttpCache, urlDigest } from '../http/http-cache.ts';
import { tooLarge } from '../too-large.ts';
import { fileBytes } from '../text/file-bytes.ts';
import { isShopifyList, nextPage, pageKey } from './next-page.ts';

/** What is needed to fetch from the web. */
export interface WebAccess {
  readonly fetcher: Fetcher;
  readonly cache: HttpCache;
  /** Holds the copies of feeds; made when it is missing. */
  readonly feedsFolder: string;
}

export interface FetchedFeed {
  readonly file: FileHandle;
  readonly contentType: string | undefined;
  /** Whether the feed is unchanged, so the copy of the last download was used. */
  readonly isUnchanged: boolean;
  /** Keeps the copy for the next time; call it once the feed has proved to be complete. */
  keep(): Promise<void>;
  /** Deletes the copy, because the feed cannot be used. The file stays open. */
  drop(): Promise<void>;
}

export type FetchFeedOptions = Pick<
  FetchOptions,
  'allowPrivate' | 'requestsPerSecond' | 'headers' | 'signal'
>;

/** Limit of the decompressed feed; about two million items. */
const MAX_BYTES = 1_000_000_000;
const ATTEMPT_MS = 600_000;
const TOTAL_MS = 900_000;

/** @throws {OperatorError} that names host and path and says why the feed cannot be fetched. */
export async function fetchFeed(
  url: URL,
  { fetcher, cache, feedsFolder }: WebAccess,
  options: FetchFeedOptions,
): Promise<FetchedFeed> {
  await prepareFolder(feedsFolder);
  const copy = join(feedsFolder, urlDigest(url));
  const cached = await cache.get(url);
  const cachedFile = cached && (await openIfIntact(copy, cached));
  const limits = { maxBytes: MAX_BYTES, attemptMs: ATTEMPT_MS, totalMs: TOTAL_MS, acceptGzip: true };
  try {
    const fetched = await fetcher.fetch(
      url,
      { ...options, ...limits, validators: cachedFile && cached },
      async (response) => ({ ...(await download(response, copy)), response }),
    );
    if (!fetched && cachedFile) {
      const now = new Date();
      await utimes(copy, now, now);
      const nothing = (): Promise<void> => Promise.resolve();
      const { contentType } = cached;
      return { file: cachedFile, contentType, isUnchanged: true, keep: nothing, drop: nothing };
    }
    await cachedFile?.close();
    if (!fetched) throw new FetchError('the server answered 304 to an unconditional request');
    const { path, digest, file, response } = fetched;
    const pages = await appendPages(fetched, url, copy, fetcher, { ...options, ...limits }).catch(
      async (error: unknown) => {
        await file.close();
        await rm(path, { force: true });
        throw error;
      },
    );
    return {
      file,
      contentType: response.contentType,
      isUnchanged: false,
      drop: () => rm(path, { force: true }),
      async keep() {
        await rename(path, copy);
        // What the server says of the first page does not hold for the others.
        const validators = pages > 0 ? {} : response.validators;
        await cache.set(url, { ...validators, contentType: response.contentType, digest });
      },
    };
  } catch (error) {
    await cachedFile?.close();
    if (error instanceof OperatorError || options.signal.aborted) throw error;
    if (!(error instanceof FetchError)) throw storageError(error, feedsFolder);
    throw new OperatorError(
      `The feed ${displayUrl(url)} cannot be fetched: ${messageOf(error)}. Nothing was changed. ` +
        'Check the address and the server, then run the same command again.',
      { cause: error },
    );
  }
}

// --- Internal helpers ---

/** After this time a partial download was left by a process that died. */
const PARTIAL_MAX_AGE_MS = 24 * 3600 * 1000;
/** A copy unused for this long probably belongs to a removed source; otherwise the feed is downloaded once more. */
const UNUSED_MAX_AGE_MS = 30 * 24 * 3600 * 1000;

async function prepareFolder(feedsFolder: string): Promise<void> {
  try {
    await mkdir(feedsFolder, { recursive: true });
    for (const name of await readdir(feedsFolder)) {
      const path = join(feedsFolder, name);
      const maxAgeMs = name.endsWith('.part') ? PARTIAL_MAX_AGE_MS : UNUSED_MAX_AGE_MS;
      if (Date.now() - (await stat(path)).mtimeMs > maxAgeMs) await rm(path);
    }
  } catch (error) {
    throw storageError(error, feedsFolder);
  }
}

function storageError(error: unknown, feedsFolder: string): unknown {
  const code = codeOf(error);
  if (code === undefined) return error;
  return new OperatorError(
    `The copy of the feed cannot be stored in ${feedsFolder} (${code}). Nothing was changed. ` +
      'Free some space, or make the folder writable for this user, then run the same command again.',
    { cause: error },
  );
}

interface Download {
  readonly path: string;
  readonly file: FileHandle;
  /** SHA-256 of the decompressed bytes, hex. */
  readonly digest: string;
}

async function download(
  { body, contentEncoding = 'identity' }: FetchResponse,
  copy: string,
): Promise<Download> {
  if (!/^(identity|(x-)?gzip)$/i.test(contentEncoding)) {
    throw new FetchError(
      `the server used a compression that was not requested (${contentEncoding.slice(0, 20)})`,
    );
  }
  const path = `${copy}.${randomUUID()}.part`;
  const file = await open(path, 'wx+');
  const hash = createHash('sha256');
  let bytes = 0;
  const write = async (chunks: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) throw new FetchError(tooLarge(bytes, MAX_BYTES));
      hash.update(chunk);
      await file.writeFile(chunk);
    }
  };
  try {
    // Covers both a compressed transfer and a feed that is a .gz file.
    const { isGzip, all } = await peek(body);
    if (isGzip) await pipeline(all, createGunzip(), write);
    else await write(all);
    return { path, file, digest: hash.digest('hex') };
  } catch (error) {
    await file.close();
    await rm(path, { force: true });
    if (codeOf(error)?.startsWith('Z_'))
      throw new FetchError('its compressed data is damaged or cut off', { retryable: true, cause: error });
    throw error;
  }
}

/** Largest page of a list. */
const MAX_PAGE_BYTES = 50_000_000;
/** A shop with more pages than this sends the same ones again and again. */
const MAX_PAGES = 10_000;

/** Appends the further pages of a list to the first one. @returns how many there were. */
async function appendPages(
  { file, response }: Download & { readonly response: FetchResponse },
  start: URL,
  copy: string,
  fetcher: Fetcher,
  options: FetchOptions,
): Promise<number> {
  const { size } = await file.stat();
  if (size > MAX_PAGE_BYTES) return 0;
  let page = { url: start, number: 1, text: await readAllText(file), link: response.link };
  // Only JSON is appended: two XML documents in one file are malformed.
  if (!/^\s*[[{]/.test(page.text)) return 0;
  for (; page.number < MAX_PAGES; page.number++) {
    const next = nextPage(page);
    if (!next) return page.number - 1;
    const fetched = await fetcher
      .fetch(next.url, options, async (answer) => ({ ...(await download(answer, copy)), link: answer.link }))
      .catch((error: unknown) => {
        const isMissing = error instanceof FetchError && !error.retryable && !next.isAnnounced;
        if (isMissing && page.number === 1) return undefined;
        throw error;
      });
    if (!fetched) return page.number - 1;
    const text = await readAllText(fetched.file).finally(() => fetched.file.close());
    await rm(fetched.path, { force: true });
    const isEnd = !next.isAnnounced && (!isShopifyList(text) || pageKey(text) === pageKey(page.text));
    if (isEnd) return page.number - 1;
    await file.appendFile(`\n${text}`);
    page = { url: next.url, number: page.number, text, link: fetched.link };
  }
  throw new FetchError(`its list has more than ${MAX_PAGES} pages`);
}

async function readAllText(file: FileHandle): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of fileBytes(file).chunks()) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** Looks at the first two bytes. @returns all bytes, those two included. */
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

/** The copy, if it exists and nobody has changed it. */
async function openIfIntact(copy: string, { digest }: CachedResponse): Promise<FileHandle | undefined> {
  const file = await open(copy).catch(() => undefined);
  if (!file) return undefined;
  const hash = createHash('sha256');
  for await (const chunk of fileBytes(file).chunks()) hash.update(chunk);
  if (hash.digest('hex') === digest) return file;
  await file.close();
  return undefined;
}
