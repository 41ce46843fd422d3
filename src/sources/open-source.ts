/** Finds out what kind of inventory a path is. */

import { open, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { hasCode, messageOf, OperatorError } from '../util/errors.ts';
import { PHOTO_LIMITS } from '../photo/photo-limits.ts';
import { FetchError, placeOf } from './http/fetch-error.ts';
import { createRemotePictures } from './http/remote-pictures.ts';
import { findDataset, openDatasetSource } from './dataset-source.ts';
import type { FeedFormat } from './feed/feed-format.ts';
import { openFeedSource } from './feed/feed-source.ts';
import { fetchFeed, type WebAccess } from './feed/fetch-feed.ts';
import type { FileTree } from './file-tree.ts';
import { openFolderSource } from './folder-source.ts';
import { openFolderTree, readRegularFile } from './folder-tree.ts';
import { narrowSource, type Narrowing } from './narrow-source.ts';
import type { Source } from './source.ts';
import { openTableSource, TABLE_EXTENSIONS } from './table-source.ts';
import { decodeText } from './decode-text.ts';
import { openZipTree } from './zip-tree.ts';

/** What an operator may say of a source besides where it is. */
export interface SourceSettings extends Narrowing {
  /** Of a feed. Default: what it looks like. */
  readonly format?: FeedFormat | undefined;
  /** Fetch also from this machine and private networks. Default: false. */
  readonly allowPrivate?: boolean | undefined;
  /** At most this many requests to a host begin in a second. Default: 20. */
  readonly requestsPerSecond?: number | undefined;
  /** Sent to the origin of the feed only; they may be secrets. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export interface OpenSourceOptions {
  /** 1 to 100 characters. Default: the base name of the path, without extension; the host of a web address. */
  readonly name?: string;
  readonly settings?: SourceSettings | undefined;
  /** Needed for what is on the web. */
  readonly web?: WebAccess | undefined;
  /** Ends what is fetched, now or when a record is read. */
  readonly signal?: AbortSignal | undefined;
  /** Told when the source is closed, if pictures could not be had and were taken as they were. */
  readonly onStale?: ((pictures: number) => void) | undefined;
}

const EXPECTED =
  'Expected a folder or .zip of pictures, the published data set as a folder or .zip, a table (.csv, .tsv, .jsonl, .ndjson) ' +
  'with a column that names the picture of each row, or a product feed (.xml, .json, .txt, or a table with an image_link column)';

/** A folder with one of these is that table. */
const TABLES_OF_FOLDERS = ['items.jsonl', 'items.csv'];
const FEED_EXTENSIONS = ['.xml', '.rss', '.atom', '.json', '.txt'];
const REQUESTS_PER_SECOND = 20;

export function isWebAddress(place: string): boolean {
  return /^https?:\/\//i.test(place);
}

/** A place as people may read it: of a web address host and path, because the rest may hold secrets. */
export function shownPlace(place: string): string {
  if (!isWebAddress(place)) return place;
  return URL.canParse(place) ? placeOf(new URL(place)) : 'a web address';
}

/**
 * @param place a path, or an http or https address of a product feed.
 * @throws {OperatorError} when there is nothing, nothing of a known kind, or nothing in it, and says what was expected.
 */
export async function openSource(place: string, options: OpenSourceOptions = {}): Promise<Source> {
  const source = isWebAddress(place) ? await openWeb(place, options) : await openPath(place, options);
  return narrowSource(source, options.settings ?? {});
}

// --- Internal helpers ---

async function openPath(path: string, options: OpenSourceOptions): Promise<Source> {
  const absolute = resolve(path);
  const stats = await stat(absolute).catch((error: unknown) => {
    const what = hasCode(error, 'ENOENT') ? 'there is nothing there' : messageOf(error);
    throw new OperatorError(`${path} cannot be imported: ${what}. ${EXPECTED}.`, { cause: error });
  });
  const extension = stats.isDirectory() ? '' : extname(absolute).toLowerCase();
  const name = sourceName(options.name ?? basename(absolute, stats.isDirectory() ? '' : extname(absolute)));

  if (stats.isDirectory()) {
    for (const table of TABLES_OF_FOLDERS) {
      if (await isFile(join(absolute, table))) return openTableSource(join(absolute, table), name);
    }
    return openTreeSource(await openFolderTree(absolute), name);
  }
  if (extension === '.zip') return openTreeSource(await openZipTree(absolute), name);
  const isTable = TABLE_EXTENSIONS.includes(extension);
  const isFeed = options.settings?.format !== undefined || FEED_EXTENSIONS.includes(extension);
  if (isFeed || (isTable && (await hasPictureAddresses(absolute)))) return openFeed(absolute, name, options);
  if (isTable) return openTableSource(absolute, name);
  throw new OperatorError(
    `${path} cannot be imported: it is ${extension === '' ? 'a file without an extension' : `a ${extension} file`}. ${EXPECTED}.`,
  );
}

async function openWeb(address: string, options: OpenSourceOptions): Promise<Source> {
  if (!URL.canParse(address)) throw new OperatorError(`That is not a web address. ${EXPECTED}.`);
  const url = new URL(address);
  const name = sourceName(options.name ?? url.host);
  const { web, pictures, settings, limits, close } = fetching(options, url);
  try {
    const { headers } = settings;
    const feed = await fetchFeed(url, web, { ...limits, headers });
    const { file, contentType } = feed;
    const { format } = settings;
    const opening = {
      name,
      place: placeOf(url),
      file,
      contentType,
      format,
      pictures,
      base: url,
      onClose: close,
    };
    const source = await openFeedSource(opening).catch(async (error: unknown) => {
      await feed.drop();
      throw error;
    });
    await feed.keep();
    return source;
  } catch (error) {
    close();
    throw error;
  }
}

/** A feed on a disk, with pictures on the web or beside it. */
async function openFeed(path: string, name: string, options: OpenSourceOptions): Promise<Source> {
  const { pictures, settings, close } = fetching(options, undefined);
  const file = await open(path).catch((error: unknown) => {
    close();
    throw new OperatorError(`The feed ${path} cannot be read: ${messageOf(error)}.`, { cause: error });
  });
  return openFeedSource({
    name,
    place: path,
    file,
    format: settings.format,
    pictures,
    readFile: (picture) =>
      readRegularFile(resolve(dirname(path), picture.replaceAll('\\', '/')), PHOTO_LIMITS.bytes),
    onClose: close,
  });
}

/** @param feed where the feed is on the web. */
function fetching({ web, settings = {}, signal, onStale }: OpenSourceOptions, feed: URL | undefined) {
  if (!web) throw new OperatorError('Feeds and pictures on the web cannot be fetched by this program.');
  const closing = new AbortController();
  const abort = (): void => {
    closing.abort(signal?.reason);
  };
  signal?.throwIfAborted();
  signal?.addEventListener('abort', abort, { once: true });
  const { allowPrivate = false, requestsPerSecond = REQUESTS_PER_SECOND, headers } = settings;
  const limits = { allowPrivate, requestsPerSecond, signal: closing.signal };
  const pictures = createRemotePictures({ ...web, ...limits, headers, origin: feed?.origin });
  const close = (): void => {
    signal?.removeEventListener('abort', abort);
    closing.abort(new FetchError('the source is closed'));
    if (pictures.stale > 0) onStale?.(pictures.stale);
  };
  return { web, pictures, settings, limits, close };
}

/** Whether a table names its pictures as feeds do. */
async function hasPictureAddresses(path: string): Promise<boolean> {
  const file = await open(path).catch(() => undefined);
  if (!file) return false;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(65_536), 0, 65_536, 0);
    const [header = ''] = decodeText(buffer.subarray(0, bytesRead))
      .trimStart()
      .split(/[\r\n]/, 1);
    return /image[\s_-]?(link|url)/i.test(header);
  } finally {
    await file.close();
  }
}

async function openTreeSource(tree: FileTree, name: string): Promise<Source> {
  try {
    const dataset = findDataset(tree);
    return dataset ? await openDatasetSource(tree, dataset, name) : openFolderSource(tree, name);
  } catch (error) {
    await tree.close();
    if (error instanceof OperatorError) throw error;
    throw new OperatorError(`${tree.path} cannot be imported: ${messageOf(error)}. ${EXPECTED}.`, {
      cause: error,
    });
  }
}

function sourceName(given: string): string {
  const name = given.normalize('NFC').trim();
  if (name.length === 0 || name.length > 100 || /[\p{Cc}\p{Cs}]/u.test(name)) {
    throw new OperatorError(
      'The name of a source is 1 to 100 characters. Give another one with --name NAME.',
    );
  }
  return name;
}

function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}
