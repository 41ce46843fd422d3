/** Files with a known size and SHA-256: synced to the disk when written, and verified when read. */

import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { hasCode, messageOf } from '../util/errors.ts';

export interface FileFacts {
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

/** A file is missing, truncated, or not the one that was written. The message starts with its path. */
export class DamagedFileError extends Error {
  override readonly name = 'DamagedFileError';
}

/** Bytes hashed at once, so that the event loop is blocked for about 3 ms at most. */
const CHUNK = 1 << 20;

/** Writes a new file and syncs it to the disk. */
export async function writeFileChecked(path: string, chunks: Iterable<Uint8Array>): Promise<FileFacts> {
  const handle = await open(path, 'wx');
  try {
    const hash = createHash('sha256');
    let bytes = 0;
    for (const chunk of chunks) {
      await handle.writeFile(chunk);
      hash.update(chunk);
      bytes += chunk.length;
    }
    await handle.sync();
    return { bytes, sha256: hash.digest('hex') };
  } finally {
    await handle.close();
  }
}

/** Syncs an existing file to the disk, and returns its size and digest. */
export async function syncFile(path: string): Promise<FileFacts> {
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
    return await digest(handle);
  } finally {
    await handle.close();
  }
}

/** @throws {DamagedFileError} when the file is missing or not the expected one. */
export async function verifyFile(path: string, expected: FileFacts | undefined): Promise<void> {
  if (!expected) throw new DamagedFileError(`${path} is missing.`);
  await withVerified(path, expected, (handle) => digest(handle));
}

/**
 * Reads a file into shared memory, which worker threads can use without a copy.
 * @throws {DamagedFileError} when the file is missing or not the expected one.
 */
export async function readFileChecked(path: string, expected: FileFacts): Promise<Uint8Array> {
  const content = new Uint8Array(new SharedArrayBuffer(expected.bytes));
  await withVerified(path, expected, (handle) => digest(handle, content));
  return content;
}

/** Syncs the names in a folder. A rename or a new file survives a power failure only after this. */
export async function syncFolder(path: string): Promise<void> {
  // Windows cannot open a folder, and syncs names by itself.
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

// --- Internal helpers ---

async function withVerified(
  path: string,
  expected: FileFacts,
  read: (handle: FileHandle) => Promise<FileFacts>,
): Promise<void> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) throw new DamagedFileError(`${path} is missing.`, { cause: error });
    throw new DamagedFileError(`${path} cannot be read: ${messageOf(error)}.`, { cause: error });
  });
  try {
    const { size } = await handle.stat();
    if (size !== expected.bytes)
      throw new DamagedFileError(`${path} is damaged: expected ${expected.bytes} bytes, got ${size}.`);
    const { sha256 } = await read(handle);
    if (sha256 !== expected.sha256) {
      throw new DamagedFileError(`${path} is damaged: expected SHA-256 ${expected.sha256}, got ${sha256}.`);
    }
  } finally {
    await handle.close();
  }
}

/** Hashes a whole file, and copies it to `content` if given. */
async function digest(handle: FileHandle, content?: Uint8Array): Promise<FileFacts> {
  const hash = createHash('sha256');
  const chunk = new Uint8Array(CHUNK);
  let bytes = 0;
  for (;;) {
    const { bytesRead } = await handle.read(chunk, 0, CHUNK, bytes);
    if (bytesRead === 0) return { bytes, sha256: hash.digest('hex') };
    const part = chunk.subarray(0, bytesRead);
    hash.update(part);
    content?.set(part.subarray(0, content.length - bytes), bytes);
    bytes += bytesRead;
  }
}
