/** Reads a product feed in an open file as a source: one record for each item, with pictures on the web or beside the file. */

import type { FileHandle } from 'node:fs/promises';
import { messageOf, OperatorError } from '../../util/errors.ts';
import type { RemotePictures } from '../http/remote-pictures.ts';
import { createIdRegister, type Fields, itemFrom } from '../fields.ts';
import { merchantGender } from '../merchant-labels.ts';
import type { ItemRecord, Source, SourceRecord } from '../source.ts';
import type { FeedEntry } from './feed-entry.ts';
import { detectFormat, FEED_PARSERS, type FeedFormat } from './feed-format.ts';
import { decodeChunks, detectCharset, readChunks } from './feed-text.ts';

export interface FeedSourceOptions {
  readonly name: string;
  /** The path or URL of the feed, as messages show it. */
  readonly location: string;
  /** Closed with the source. */
  readonly file: FileHandle;
  readonly contentType?: string | undefined;
  /** Default: detected. */
  readonly format?: FeedFormat | undefined;
  readonly pictures: RemotePictures;
  /** Base of relative picture URLs. */
  readonly base?: URL | undefined;
  /** Reads a picture that is given as a path; for feeds on disk. */
  readonly readFile?: ((picture: string) => Promise<Uint8Array>) | undefined;
  /** Called once, before the file is closed. */
  readonly onClose?: (() => void) | undefined;
}

/**
 * The feed is first read to its end, so that a malformed or truncated feed is never mistaken for one with fewer items. The
 * records come from a second pass. Neither pass holds the feed in memory.
 * @throws {OperatorError} when the file is not a feed, or the feed is malformed, truncated or empty. The file is then closed.
 */
export async function openFeedSource(options: FeedSourceOptions): Promise<Source> {
  const { name, location, file, contentType, onClose } = options;
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    if (!closing) onClose?.();
    return (closing ??= file.close());
  };
  try {
    const charset = await detectCharset(file, contentType);
    const format = options.format ?? (await formatOf(file, charset, contentType));
    const entries = (): AsyncGenerator<FeedEntry, void> =>
      FEED_PARSERS[format](decodeChunks(readChunks(file), charset));
    let count = 0;
    for await (const entry of entries()) if (!isEmpty(entry)) count++;
    if (count === 0) throw new Error('it has no items');
    return {
      name,
      description: `feed, ${format}`,
      count,
      records: () => recordsOf(entries(), options),
      close,
    };
  } catch (error) {
    await close();
    if (error instanceof OperatorError) throw error;
    throw new OperatorError(
      `The feed ${location} cannot be used: ${messageOf(error)}. Nothing was changed. Expected a complete feed as JSON, ` +
        'or in the Google Merchant format as XML or tab-separated text; see docs/inventory.md, "Product feeds".',
      { cause: error },
    );
  }
}

// --- Internal helpers ---

/** Bytes from which the format is detected. */
const SNIFFED_BYTES = 4096;

async function formatOf(
  file: FileHandle,
  charset: string,
  contentType: string | undefined,
): Promise<FeedFormat> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(SNIFFED_BYTES), 0, SNIFFED_BYTES, 0);
  return detectFormat(new TextDecoder(charset).decode(buffer.subarray(0, bytesRead)), contentType);
}

async function* recordsOf(
  entries: AsyncIterable<FeedEntry>,
  options: FeedSourceOptions,
): AsyncGenerator<SourceRecord, void> {
  const ids = createIdRegister();
  let number = 0;
  for await (const entry of entries) {
    if (isEmpty(entry)) continue;
    const where = `${options.name} item ${++number}`;
    const record = recordFrom(entry, options);
    const reason = 'reason' in record ? record.reason : ids.claim(record.item.id, where);
    if (reason !== undefined) yield { kind: 'rejected', where, reason };
    else if ('item' in record) yield { kind: 'item', where, ...record };
  }
}

function recordFrom(
  entry: FeedEntry,
  options: FeedSourceOptions,
): Pick<ItemRecord, 'item' | 'read' | 'readIfChanged'> | { readonly reason: string } {
  if ('reason' in entry) return entry;
  const result = itemFrom(withInventoryTerms(entry));
  if ('reason' in result) return result;
  const picture = entry.picture?.trim();
  if (!picture) return { reason: 'it names no picture' };
  const reader = pictureReader(picture, options);
  return reader ? { ...result, ...reader } : { reason: 'its picture is not an http or https address' };
}

function pictureReader(
  picture: string,
  { base, pictures, readFile }: FeedSourceOptions,
): Pick<ItemRecord, 'read' | 'readIfChanged'> | undefined {
  const isAddress = /^[a-z][a-z0-9+.-]*:/i.test(picture);
  if (!isAddress && readFile) return { read: () => readFile(picture) };
  const url = URL.canParse(picture, base?.href) ? new URL(picture, base?.href) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) return undefined;
  url.hash = '';
  return pictures.at(url);
}

/** Translates the values of the Google Merchant format into those of the inventory; of several colours the first is the main one. */
function withInventoryTerms(fields: Fields): Fields {
  const { gender, colour, age_group } = fields;
  return {
    ...fields,
    ...(gender !== undefined && { gender: merchantGender(gender, age_group) }),
    ...(colour !== undefined && { colour: colour.split('/')[0] }),
  };
}

/** XML feeds have empty items, and tables have empty lines. */
function isEmpty(entry: FeedEntry): boolean {
  return (
    !('reason' in entry) && Object.values(entry).every((value) => value === undefined || value.trim() === '')
  );
}
