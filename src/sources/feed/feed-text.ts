/** Reads the text of a feed from a file in chunks, in whatever character set it is written. */

import type { FileHandle } from 'node:fs/promises';

const CHUNK_BYTES = 64 * 1024;

/** Reads from the start of the file, wherever it was read before. */
export async function* readChunks(file: FileHandle): AsyncGenerator<Uint8Array, void> {
  for (let position = 0; ;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** @param charset as `detectCharset` found it. Leaves out a byte order mark. */
export async function* decodeChunks(
  chunks: AsyncIterable<Uint8Array>,
  charset: string,
): AsyncGenerator<string, void> {
  const decoder = new TextDecoder(charset);
  for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

/**
 * Goes by the byte order mark, then by the content type, then by the XML declaration. Otherwise it is UTF-8, unless that would
 * break most of the characters that are not ASCII: then it is Windows-1252, which older shop systems write.
 */
export async function detectCharset(file: FileHandle, contentType: string | undefined): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(256), 0, 256, 0);
  const start = buffer.subarray(0, bytesRead);
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be';
  if (start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf) return 'utf-8';
  const declared =
    /charset\s*=\s*"?([\w.:-]+)/i.exec(contentType ?? '')?.[1] ??
    /^\s*<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]+)/i.exec(start.toString('latin1'))?.[1];
  if (declared !== undefined && isCharset(declared)) return declared;
  let broken = 0;
  let intact = 0;
  for await (const text of decodeChunks(readChunks(file), 'utf-8')) {
    broken += text.match(/\ufffd/g)?.length ?? 0;
    intact += text.match(/[^\0-\x7f\ufffd]/gu)?.length ?? 0;
  }
  return broken > intact ? 'windows-1252' : 'utf-8';
}

// --- Internal helpers ---

function isCharset(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== '';
  } catch {
    return false;
  }
}
