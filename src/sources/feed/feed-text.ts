/** A feed in a file as text: whatever its charset, in pieces. */

import type { FileHandle } from 'node:fs/promises';

const PIECE = 64 * 1024;

/** The bytes from the start, however often it is asked for. */
export async function* readPieces(file: FileHandle): AsyncGenerator<Uint8Array, void> {
  for (let position = 0; ;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(PIECE), 0, PIECE, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** @param charset as `detectCharset` found it. A byte order mark is left out. */
export async function* decoded(
  pieces: AsyncIterable<Uint8Array>,
  charset: string,
): AsyncGenerator<string, void> {
  const decoder = new TextDecoder(charset);
  for await (const piece of pieces) yield decoder.decode(piece, { stream: true });
  yield decoder.decode();
}

/**
 * By a byte order mark, what the server says, what the XML says of itself, and else UTF-8, unless most of what is not ASCII
 * would be broken then: that is Windows-1252, which older shops write.
 */
export async function detectCharset(file: FileHandle, contentType: string | undefined): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(256), 0, 256, 0);
  const start = buffer.subarray(0, bytesRead);
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be';
  if (start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf) return 'utf-8';
  const told =
    /charset\s*=\s*"?([\w.:-]+)/i.exec(contentType ?? '')?.[1] ??
    /^\s*<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]+)/i.exec(start.toString('latin1'))?.[1];
  if (told !== undefined && isCharset(told)) return told;
  let broken = 0;
  let whole = 0;
  for await (const text of decoded(readPieces(file), 'utf-8')) {
    broken += text.match(/\ufffd/g)?.length ?? 0;
    whole += text.match(/[^\0-\x7f\ufffd]/gu)?.length ?? 0;
  }
  return broken > whole ? 'windows-1252' : 'utf-8';
}

// --- Internal helpers ---

function isCharset(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== '';
  } catch {
    return false;
  }
}
