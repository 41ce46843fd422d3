/** Finds out what kind of inventory a path or web address is, and opens it. */

import { open, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { abortWith } from '../util/abort-with.ts';
import { hasCode, messageOf, OperatorError } from '../util/errors.ts';
import type { ColumnMapping } from './columns.ts';
import { findDataset, openDatasetSource } from './dataset-source.ts';
import { detectFormat, type FeedFormat } from './feed/feed-format.ts';
import { openFeedSource } from './feed/feed-source.ts';
import { fetchFeed, type WebAccess } from './feed/fetch-feed.ts';
import type { FileTree } from './file-tree.ts';
import { openFolderSource } from './folder-source.ts';
import { openFolderTree } from './folder-tree.ts';
import { displayUrl, FetchError } from './http/fetch-error.ts';
import { createRemotePictures, type RemotePictures } from './http/remote-pictures.ts';
import { folderPictures, type LocalPictures, treePictures } from './local-pictures.ts';
import { narrowSource, type Narrowing } from './narrow-source.ts';
import { MAX_FEED_BYTES } from './feed/open-entries.ts';
import { tooLarge } from './too-large.ts';
import { createPictureOpener } from './picture-opener.ts';
import type { Source } from './source.ts';
import { openTableSource, TABLE_EXTENSIONS } from './table-source.ts';
import { type ByteSource, bytesOf, decodeText, firstBytes } from './text/charset.ts';
import { fileBytes } from './text/file-bytes.ts';
import { tableIn } from './tree-table.ts';
import { openZipTree } from './zip-tree.ts';

/** The settings of a source, apart from its location. */
export interface SourceSettings extends Narrowing {
  /** Format of a feed. Default: detected. */
  readonly format?: FeedFormat | undefined;
  /** Columns chosen by hand, by field. */
  readonly columns?: ColumnMapping | undefined;
  /** Currency of prices that name none, ISO 4217. */
  readonly currency?: string | undefined;
  /** Web address that the paths of pictures are below; needed for exports that name pictures by a folder of the shop. */
  readonly pictureBase?: string | undefined;
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

  if (stats.isDirectory()) return openTreeSource(await openFolderTree(absolute), name, options);
  if (extension === '.zip') return openTreeSource(await openZipTree(absolute), name, options);
  if (stats.size > MAX_FEED_BYTES) {
    throw new OperatorError(
      `${path} cannot be imported: ${tooLarge(stats.size, MAX_FEED_BYTES)}. Export it in several parts, and import each under a name of its own.`,
    );
  }
  const file = await open(absolute).catch((error: unknown) => {
    throw new OperatorError(`${path} cannot be read: ${messageOf(error)}.`, { cause: error });
  });
  const bytes = fileBytes(file);
  const close = (): Promise<void> => file.close();
  try {
    const isTable = TABLE_EXTENSIONS.includes(extension) && (await isPlainTable(bytes));
    if (!isTable) await requireFeed(path, extension, bytes, options);
    const opening = { name, bytes, close, local: folderPictures(dirname(absolute)), path: absolute };
    return await openRecords(opening, { ...options, isTable });
  } catch (error) {
    await close();
    throw error;
  }
}

interface RecordsOpening {
  readonly name: string;
  /** As messages show it. */
  readonly path: string;
  readonly bytes: ByteSource;
  readonly local: LocalPictures;
  readonly close: () => Promise<void>;
}

/** Opens a table or feed on disk, whose pictures are beside it or on the web. */
async function openRecords(
  { name, path, bytes, local, close }: RecordsOpening,
  options: OpenSourceOptions & { readonly isTable: boolean },
): Promise<Source> {
  const { settings = {} } = options;
  const base = pictureBase(settings);
  const fetching = options.web ? prepareFetching(options, undefined) : undefined;
  const opening = {
    name,
    bytes,
    openPicture: createPictureOpener({ remote: fetching?.pictures, local, base }),
    columns: settings.columns,
    currency: settings.currency,
    close: async () => {
      fetching?.close();
      await close();
    },
  };
  return options.isTable
    ? openTableSource({ ...opening, path, file: basename(path) })
    : openFeedSource({ ...opening, location: path, format: settings.format });
}

/** @throws {OperatorError} when the file is neither a feed nor a table, whatever it is called. */
async function requireFeed(
  path: string,
  extension: string,
  bytes: ByteSource,
  { settings }: OpenSourceOptions,
): Promise<void> {
  if (settings?.format !== undefined || FEED_EXTENSIONS.includes(extension)) return;
  if (TABLE_EXTENSIONS.includes(extension)) return;
  const start = await firstBytes(bytes, 4096);
  try {
    if (start.subarray(0, 2).toString('latin1') === 'PK' || start.includes(0))
      throw new Error('it is not text');
    detectFormat(await decodeText(start), undefined);
  } catch (error) {
    const kind = extension === '' ? 'a file without an extension' : `a ${extension} file`;
    const advice = /^\.(xlsx?|ods|numbers)$/.test(extension) ? ' Save the sheet as CSV and import that.' : '';
    throw new OperatorError(`${path} cannot be imported: it is ${kind}. ${EXPECTED}.${advice}`, {
      cause: error,
    });
  }
}

/** @throws {OperatorError} for a base that is no web address. */
function pictureBase({ pictureBase: base }: SourceSettings): URL | undefined {
  if (base === undefined) return undefined;
  if (!isWebAddress(base) || !URL.canParse(base))
    throw new OperatorError(
      `"pictureBase" expects an http or https address, got "${displayLocation(base)}".`,
    );
  const url = new URL(base);
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
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
    const base = pictureBase(settings) ?? url;
    const opening = {
      name,
      location: displayUrl(url),
      bytes: fileBytes(file),
      contentType,
      format: settings.format,
      columns: settings.columns,
      currency: settings.currency,
      base: url,
      openPicture: createPictureOpener({ remote: pictures, local: undefined, base }),
      close: async () => {
        close();
        await file.close();
      },
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

/** @param feed the URL of the feed; undefined for a feed on disk. */
function prepareFetching({ web, settings = {}, signal, onStale }: OpenSourceOptions, feed: URL | undefined) {
  if (!web) throw new OperatorError('Feeds and pictures on the web cannot be fetched by this program.');
  const closing = new AbortController();
  signal?.throwIfAborted();
  const stopListening = abortWith(closing, signal ? [signal] : []);
  const { allowPrivate = false, requestsPerSecond = REQUESTS_PER_SECOND, headers } = settings;
  const limits = { allowPrivate, requestsPerSecond, signal: closing.signal };
  const pictures: RemotePictures = createRemotePictures({ ...web, ...limits, headers, origin: feed?.origin });
  const close = (): void => {
    stopListening();
    closing.abort(new FetchError('the source is closed'));
    if (pictures.stale > 0) onStale?.(pictures.stale);
  };
  return { web, pictures, settings, limits, close };
}

const FEED_EXTENSIONS = ['.xml', '.rss', '.atom', '.json', '.txt'];

/** Whether a file with the extension of a table is one, and does not name its pictures by web address as feeds do. */
async function isPlainTable(bytes: ByteSource): Promise<boolean> {
  const text = (await decodeText(await firstBytes(bytes, 65_536))).trimStart();
  const [header = ''] = text.split(/[\r\n]/, 1);
  return !/^[<[]/.test(text) && !/image[\s_-]?(link|url)/i.test(header);
}

async function openTreeSource(tree: FileTree, name: string, options: OpenSourceOptions): Promise<Source> {
  try {
    const dataset = findDataset(tree);
    if (dataset) return await openDatasetSource(tree, dataset, name);
    const table = await tableIn(tree);
    if (table === undefined) return await openFolderSource(tree, name);
    return await openTreeTable(tree, table, name, options);
  } catch (error) {
    await tree.close();
    if (error instanceof OperatorError) throw error;
    throw new OperatorError(`${tree.path} cannot be imported: ${messageOf(error)}. ${EXPECTED}.`, {
      cause: error,
    });
  }
}

/** Opens a table in a folder or zip file, whose pictures are beside it. */
async function openTreeTable(
  tree: FileTree,
  table: string,
  name: string,
  options: OpenSourceOptions,
): Promise<Source> {
  const folder = table.slice(0, table.lastIndexOf('/') + 1);
  const path = join(tree.path, table);
  const isTable = TABLE_EXTENSIONS.includes(extname(table).toLowerCase());
  if (tree.kind === 'zip') {
    const bytes = bytesOf(await tree.read(table, MAX_ZIPPED_TABLE_BYTES));
    const opening = { name, path, bytes, local: treePictures(tree, folder), close: () => tree.close() };
    return openRecords(opening, { ...options, isTable });
  }
  const file = await open(path);
  const close = (): Promise<void> => file.close();
  const opening = { name, path, bytes: fileBytes(file), local: folderPictures(dirname(path)), close };
  return openRecords(opening, { ...options, isTable });
}

/** A table in a zip file is held in memory, because it is read more than once. */
const MAX_ZIPPED_TABLE_BYTES = 256_000_000;

function sourceName(text: string): string {
  const name = text.normalize('NFC').trim();
  if (name.length === 0 || name.length > 100 || /[\p{Cc}\p{Cs}]/u.test(name)) {
    throw new OperatorError(
      'The name of a source must have 1 to 100 characters. Give another one with --name NAME.',
    );
  }
  return name;
}
