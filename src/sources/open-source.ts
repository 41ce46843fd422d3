/** Finds out what kind of inventory a path or web address is, and opens it. */

import { open, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { abortWith } from '../util/abort-with.ts';
import { hasCode, messageOf, OperatorError } from '../util/errors.ts';
import { PHOTO_LIMITS } from '../photo/photo-limits.ts';
import { displayUrl, FetchError } from './http/fetch-error.ts';
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

/** The settings of a source, apart from its location. */
export interface SourceSettings extends Narrowing {
  /** Format of a feed. Default: detected. */
  readonly format?: FeedFormat | undefined;
  /** Whether to fetch from this machine and from private networks too. Default: false. */
  readonly allowPrivate?: boolean | undefined;
  /** At most this many requests to a host begin in a second. Default: 20. */
  readonly requestsPerSecond?: number | undefined;
  /** Sent to the origin of the feed only; the values may be secrets. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export interface OpenSourceOptions {
  /** 1 to 100 characters. Default: the base name of the path, without extension; the host of a web address. */
  readonly name?: string;
  readonly settings?: SourceSettings | undefined;
  /** Needed for feeds and for pictures on the web. */
  readonly web?: WebAccess | undefined;
  /** Ends fetches, both while the source is opened and while records are read. */
  readonly signal?: AbortSignal | undefined;
  /** Called when the source is closed, if some pictures could not be fetched and were taken from an earlier run. */
  readonly onStale?: ((pictures: number) => void) | undefined;
}

const EXPECTED =
  'Expected a folder or .zip of pictures, the published data set as a folder or .zip, a table (.csv, .tsv, .jsonl, .ndjson) ' +
  'with a column that names the picture of each row, or a product feed (.xml, .json, .txt, or a table with an image_link column)';

/** A folder that holds one of these files is read as that table. */
const TABLE_NAMES = ['items.jsonl', 'items.csv'];
const FEED_EXTENSIONS = ['.xml', '.rss', '.atom', '.json', '.txt'];
const REQUESTS_PER_SECOND = 20;

export function isWebAddress(location: string): boolean {
  return /^https?:\/\//i.test(location);
}

/** A location for messages: of a web address only host and path, because the rest may hold secrets. */
export function displayLocation(location: string): string {
  if (!isWebAddress(location)) return location;
  return URL.canParse(location) ? displayUrl(new URL(location)) : 'a web address';
}

/**
 * @param location a path, or the http or https address of a product feed.
 * @throws {OperatorError} that says what was expected, when nothing is there, it is of an unknown kind, or it is empty.
 */
export async function openSource(location: string, options: OpenSourceOptions = {}): Promise<Source> {
  const source = isWebAddress(location)
    ? await openWeb(location, options)
    : await openPath(location, options);
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
    for (const table of TABLE_NAMES) {
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
  if (!URL.canParse(address)) throw new OperatorError(`This is not a valid web address. ${EXPECTED}.`);
  const url = new URL(address);
  const name = sourceName(options.name ?? url.host);
  const { web, pictures, settings, limits, close } = prepareFetching(options, url);
  try {
    const { headers } = settings;
    const feed = await fetchFeed(url, web, { ...limits, headers });
    const { file, contentType } = feed;
    const { format } = settings;
    const opening = {
      name,
      location: displayUrl(url),
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

/** Opens a feed on disk, whose pictures are on the web or beside it. */
async function openFeed(path: string, name: string, options: OpenSourceOptions): Promise<Source> {
  const { pictures, settings, close } = prepareFetching(options, undefined);
  const file = await open(path).catch((error: unknown) => {
    close();
    throw new OperatorError(`The feed ${path} cannot be read: ${messageOf(error)}.`, { cause: error });
  });
  return openFeedSource({
    name,
    location: path,
    file,
    format: settings.format,
    pictures,
    readFile: (picture) =>
      readRegularFile(resolve(dirname(path), picture.replaceAll('\\', '/')), PHOTO_LIMITS.bytes),
    onClose: close,
  });
}

/** @param feed the URL of the feed; undefined for a feed on disk. */
function prepareFetching({ web, settings = {}, signal, onStale }: OpenSourceOptions, feed: URL | undefined) {
  if (!web) throw new OperatorError('Feeds and pictures on the web cannot be fetched by this program.');
  const closing = new AbortController();
  signal?.throwIfAborted();
  const stopListening = abortWith(closing, signal ? [signal] : []);
  const { allowPrivate = false, requestsPerSecond = REQUESTS_PER_SECOND, headers } = settings;
  const limits = { allowPrivate, requestsPerSecond, signal: closing.signal };
  const pictures = createRemotePictures({ ...web, ...limits, headers, origin: feed?.origin });
  const close = (): void => {
    stopListening();
    closing.abort(new FetchError('the source is closed'));
    if (pictures.stale > 0) onStale?.(pictures.stale);
  };
  return { web, pictures, settings, limits, close };
}

/** Whether a table names its pictures by web address, as feeds do. */
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

function sourceName(text: string): string {
  const name = text.normalize('NFC').trim();
  if (name.length === 0 || name.length > 100 || /[\p{Cc}\p{Cs}]/u.test(name)) {
    throw new OperatorError(
      'The name of a source must have 1 to 100 characters. Give another one with --name NAME.',
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
