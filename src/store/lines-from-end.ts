/** Reads the lines of a text file from its end, without reading what comes before them. */

import type { FileHandle } from 'node:fs/promises';

/** Bytes read at once. */
const BLOCK_BYTES = 64 * 1024;
const LINE_FEED = 0x0a;

/**
 * The lines of a UTF-8 file, last line first, without their line feeds. Reads block by block, only as far as lines are taken.
 * @param maxBytes how much of the end of the file is read at most; the line in which the limit falls is left out.
 */
export async function* linesFromEnd(
  file: Pick<FileHandle, 'stat' | 'read'>,
  maxBytes = Infinity,
): AsyncGenerator<string, void> {
  const { size } = await file.stat();
  const limit = Math.max(0, size - maxBytes);
  /** Parts of the line whose start has not been read yet, last part first. */
  let parts: Buffer[] = [];
  for (let end = size; end > limit;) {
    const start = Math.max(limit, end - BLOCK_BYTES);
    const block = await readBlock(file, start, end);
    let lineEnd = block.length;
    for (let at = lastLineFeed(block, lineEnd); at !== -1; at = lastLineFeed(block, lineEnd)) {
      parts.push(block.subarray(at + 1, lineEnd));
      yield Buffer.concat(parts.reverse()).toString();
      parts = [];
      lineEnd = at;
    }
    parts.push(block.subarray(0, lineEnd));
    end = start;
  }
  if (limit === 0) yield Buffer.concat(parts.reverse()).toString();
}

// --- Internal helpers ---

/** The position of the last line feed before `end`; -1 when there is none. */
function lastLineFeed(block: Buffer, end: number): number {
  return end === 0 ? -1 : block.lastIndexOf(LINE_FEED, end - 1);
}

/** Shorter than asked for only when the file was truncated meanwhile. */
async function readBlock(file: Pick<FileHandle, 'read'>, start: number, end: number): Promise<Buffer> {
  const block = Buffer.alloc(end - start);
  let length = 0;
  while (length < block.length) {
    const { bytesRead } = await file.read(block, length, block.length - length, start + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return block.subarray(0, length);
}
