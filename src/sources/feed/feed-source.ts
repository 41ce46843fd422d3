/** A product feed in an open file as a source: a record an item, pictures by web address or beside the file. */

import type { FileHandle } from 'node:fs/promises';
import { messageOf, OperatorError } from '../../util/errors.ts';
import type { RemotePictures } from '../http/remote-pictures.ts';
import { createIdRegister, type Fields, itemFrom } from '../fields.ts';
import { merchantGender } from '../merchant-labels.ts';
import type { ItemRecord, Source, SourceRecord } from '../source.ts';
import type { FeedEntry } from './feed-entry.ts';
import { detectFormat, FEED_PARSERS, type FeedFormat } from './feed-format.ts';
import { decoded, detectCharset, readPieces } from './feed-text.ts';

export interface FeedSourceOptions {
  readonly name: string;
  /** As messages name the feed. */
  readonly place: string;
  /** Closed with the source. */
  readonly file: FileHandle;
  readonly contentType?: string | undefined;
  /** Default: what the feed looks like. */
  readonly format?: FeedFormat | undefined;
  readonly pictures: RemotePictures;
  /** What relative addresses of pictures start from. */
  readonly base?: URL | undefined;
  /** Reads a picture that is no web address, for feeds on a disk. */
  readonly readFile?: ((picture: string) => Promise<Uint8Array>) | undefined;
  /** Called once, before the file is closed. */
  readonly onClose?: (() => void) | undefined;
}

/**
 * The feed is read once from end to end before anything else is, so that one that is malformed or was cut off is never taken
 * for one with fewer items; then again for the records. Neither holds it in memory.
 * @throws {OperatorError} when it is no feed, is malformed, cut off or empty. The file is closed then.
 */
export async function openFeedSource(options: FeedSourceOptions): Promise<Source> {
  const { name, place, file, contentType, onClose } = options;
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    if (!closing) onClose?.();
    return (closing ??= file.close());
  };
  try {
    const charset = await detectCharset(file, contentType);
    const format = options.format ?? (await formatOf(file, charset, contentType));
    const entries = (): AsyncGenerator<FeedEntry, void> =>
      FEED_PARSERS[format](decoded(readPieces(file), charset));
    let count = 0;
    for await (const entry of entries()) if ('reason' in entry || hasSomething(entry)) count++;
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
      `The feed ${place} cannot be used: ${messageOf(error)}. Nothing was changed. Expected a whole feed as JSON, ` +
        'or in the Google Merchant format as XML or tab-separated text; see docs/inventory.md, "Product feeds".',
      { cause: error },
    );
  }
}

// --- Internal helpers ---

/** Enough for what a feed begins with. */
const SNIFFED = 4096;

async function formatOf(
  file: FileHandle,
  charset: string,
  contentType: string | undefined,
): Promise<FeedFormat> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(SNIFFED), 0, SNIFFED, 0);
  return detectFormat(new TextDecoder(charset).decode(buffer.subarray(0, bytesRead)), contentType);
}

async function* recordsOf(
  entries: AsyncIterable<FeedEntry>,
  options: FeedSourceOptions,
): AsyncGenerator<SourceRecord, void> {
  const ids = createIdRegister();
  let number = 0;
  for await (const entry of entries) {
    if (!('reason' in entry) && !hasSomething(entry)) continue;
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
): Pick<ItemRecord, 'item' | 'read' | 'readUnlessKnown'> | { readonly reason: string } {
  if ('reason' in entry) return entry;
  const described = itemFrom(asMerchant(entry));
  if ('reason' in described) return described;
  const picture = entry.picture?.trim();
  if (!picture) return { reason: 'it names no picture' };
  const reading = readingOf(picture, options);
  return reading ? { ...described, ...reading } : { reason: 'its picture is no http or https address' };
}

function readingOf(
  picture: string,
  { base, pictures, readFile }: FeedSourceOptions,
): Pick<ItemRecord, 'read' | 'readUnlessKnown'> | undefined {
  const isAddress = /^[a-z][a-z0-9+.-]*:/i.test(picture);
  if (!isAddress && readFile) return { read: () => readFile(picture) };
  const url = URL.canParse(picture, base?.href) ? new URL(picture, base?.href) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) return undefined;
  url.hash = '';
  return pictures.at(url);
}

/** The words of the format in those of the inventory; of several colours the first is the main one. */
function asMerchant(fields: Fields): Fields {
  const { gender, colour, age_group } = fields;
  return {
    ...fields,
    ...(gender !== undefined && { gender: merchantGender(gender, age_group) }),
    ...(colour !== undefined && { colour: colour.split('/')[0] }),
  };
}

/** XML has empty items, tables have empty lines. */
function hasSomething(fields: Fields): boolean {
  return Object.values(fields).some((value) => value !== undefined && value.trim() !== '');
}
