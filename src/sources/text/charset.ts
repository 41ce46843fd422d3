/** Detects the character set of a text and decodes it, the same on every version of Node. */

import iconv from 'iconv-lite';

/** Bytes that can be read from the start any number of times. */
export interface ByteSource {
  /** Reads from the start, wherever it was read before. */
  chunks(): AsyncIterable<Uint8Array>;
}

/**
 * Goes by the byte order mark, then by the content type, then by the XML declaration, then by the zero bytes of UTF-16 without a
 * mark. Otherwise it is UTF-8, unless that would break most of the characters that are not ASCII: then it is Windows-1252, which
 * older spreadsheets and shop systems write. UTF-8 with a few broken bytes stays UTF-8; those bytes become U+FFFD.
 * @returns a name that `decodeChunks` takes.
 */
export async function detectCharset(bytes: ByteSource, contentType?: string): Promise<string> {
  const start = await firstBytes(bytes, SNIFFED_BYTES);
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be';
  if (start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf) return 'utf-8';
  const unmarked = utf16WithoutMark(start);
  if (unmarked !== undefined) return unmarked;
  const declared =
    /charset\s*=\s*"?([\w.:-]+)/i.exec(contentType ?? '')?.[1] ??
    /^\s*<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]+)/i.exec(start.toString('latin1'))?.[1];
  // Servers announce UTF-8 for anything, and a text of single bytes that declares UTF-16 was converted afterwards.
  if (declared !== undefined && !/^(utf-?(8|16)|ucs-?2)/i.test(declared)) {
    // Browsers read Latin-1 as Windows-1252 too (https://encoding.spec.whatwg.org/#names-and-labels), because that is what it is.
    if (/^(iso-?8859-?1|latin-?1|(us-)?ascii)$/i.test(declared)) return 'windows-1252';
    if (iconv.encodingExists(declared)) return declared;
  }
  let broken = 0;
  let intact = 0;
  for await (const text of decodeChunks(bytes, 'utf-8')) {
    broken += text.match(/\ufffd/g)?.length ?? 0;
    intact += text.match(/[^\0-\x7f\ufffd]/gu)?.length ?? 0;
  }
  return broken > intact ? 'windows-1252' : 'utf-8';
}

/**
 * Leaves out a byte order mark. UTF-8 and UTF-16 are decoded by Node. Everything else is decoded by iconv-lite, because
 * `TextDecoder` of Node 20 decodes Windows-1252 as if it were Latin-1.
 * @param charset as `detectCharset` found it.
 */
export async function* decodeChunks(bytes: ByteSource, charset: string): AsyncGenerator<string, void> {
  const decode = createDecoder(charset);
  for await (const chunk of bytes.chunks()) yield decode(chunk);
  yield decode();
}

/** The whole text, decoded as `detectCharset` finds best. */
export async function decodeText(bytes: Uint8Array): Promise<string> {
  const source = bytesOf(bytes);
  let text = '';
  for await (const chunk of decodeChunks(source, await detectCharset(source))) text += chunk;
  return text;
}

/** Bytes in memory, in chunks, so that other work gets a turn between them. */
export function bytesOf(bytes: Uint8Array): ByteSource {
  return {
    // eslint-disable-next-line @typescript-eslint/require-await -- the interface is asynchronous, memory is not
    async *chunks() {
      for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
    },
  };
}

/** At most `count` bytes from the start. */
export async function firstBytes(bytes: ByteSource, count: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of bytes.chunks()) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= count) break;
  }
  return Buffer.concat(chunks).subarray(0, count);
}

// --- Internal helpers ---

const SNIFFED_BYTES = 4_096;
const CHUNK_BYTES = 64 * 1024;

function createDecoder(charset: string): (chunk?: Uint8Array) => string {
  if (/^utf-?(8|16(le|be)?)$/i.test(charset)) {
    const decoder = new TextDecoder(charset);
    return (chunk) => decoder.decode(chunk, { stream: chunk !== undefined });
  }
  const decoder = iconv.getDecoder(charset);
  return (chunk) => (chunk ? decoder.write(Buffer.from(chunk)) : (decoder.end() ?? ''));
}

/** Text in a Latin script has a zero in every second byte of UTF-16. */
function utf16WithoutMark(start: Buffer): string | undefined {
  const pairs = start.length >> 1;
  if (pairs === 0) return undefined;
  const zeros = [0, 0];
  for (let at = 0; at < pairs * 2; at++) if (start[at] === 0) zeros[at % 2]!++;
  if (zeros[1]! > pairs * 0.5 && zeros[0] === 0) return 'utf-16le';
  if (zeros[0]! > pairs * 0.5 && zeros[1] === 0) return 'utf-16be';
  return undefined;
}
