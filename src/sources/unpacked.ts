/** Unpacks pictures that were packed once more, as some servers and exports do. */

import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { hasCode } from '../util/errors.ts';
import { tooLarge } from './too-large.ts';

/**
 * @param encoding as a server names it; bytes that begin like a gzip file are unpacked in any case.
 * @param maxBytes of the unpacked picture, so that a small file cannot expand without limit.
 * @throws {Error} whose message says why it cannot be unpacked.
 */
export async function unpacked(
  bytes: Uint8Array,
  maxBytes: number,
  encoding = 'identity',
): Promise<Uint8Array> {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const unpack = isGzip ? promisify(gunzip) : UNPACKERS[encoding.trim().toLowerCase()];
  if (!unpack) {
    // Servers announce gzip for pictures that they send as they are.
    if (/^(identity|(x-)?gzip)?$/i.test(encoding.trim())) return bytes;
    throw new Error(`it is compressed in a way that is not read (${encoding.slice(0, 20)})`);
  }
  try {
    return await unpack(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    if (hasCode(error, 'ERR_BUFFER_TOO_LARGE'))
      throw new Error(`unpacked, ${tooLarge(maxBytes + 1, maxBytes)}`, { cause: error });
    throw new Error('its compressed data is damaged or cut off', { cause: error });
  }
}

// --- Internal helpers ---

type Unpack = (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Uint8Array>;

const UNPACKERS: Readonly<Record<string, Unpack | undefined>> = {
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};
