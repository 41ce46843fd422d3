/** Stores the tiles of items as files: `<first two digits>/<digest>.jpg`. */

import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasCode, messageOf, OperatorError } from '../util/errors.ts';

/**
 * Digests are SHA-256 in lower-case hex. Anything else is a `RangeError`, so no path can leave the folder.
 * Every method throws an `OperatorError` when the disk is full, or the folder cannot be read or written.
 */
export interface PictureStore {
  has(digest: string): Promise<boolean>;
  /** The tile as JPEG, or undefined when there is none. */
  read(digest: string): Promise<Uint8Array | undefined>;
  /**
   * Replaces the tile atomically: a reader sees the old one or the new one. It is not synced to the disk: after a power failure a
   * new tile may be missing or empty. An empty one counts as missing, and can be made again from its source.
   */
  write(digest: string, tile: Uint8Array): Promise<void>;
  /** Does nothing if there is no such tile. */
  delete(digest: string): Promise<void>;
}

export function createPictureStore({ folder }: { readonly folder: string }): PictureStore {
  return {
    async has(digest) {
      const path = pathOf(folder, digest);
      const stats = await unlessMissing(folder, () => stat(path));
      return stats !== undefined && stats.size > 0;
    },

    async read(digest) {
      const path = pathOf(folder, digest);
      const tile = await unlessMissing(folder, () => readFile(path));
      return tile?.length ? tile : undefined;
    },

    async write(digest, tile) {
      const path = pathOf(folder, digest);
      const written = await unlessMissing(folder, () => replaceFile(path, tile));
      if (written) return;
      // The folder of the first two digits is only made when it turns out to be missing: 256 times, and not once per tile.
      await repairable(folder, async () => {
        await makeFolder(dirname(path));
        await replaceFile(path, tile);
      });
    },

    async delete(digest) {
      const path = pathOf(folder, digest);
      await repairable(folder, () => rm(path, { force: true }));
    },
  };
}

// --- Internal helpers ---

function pathOf(folder: string, digest: string): string {
  if (!/^[0-9a-f]{64}$/.test(digest)) {
    throw new RangeError(
      `Expected a picture's SHA-256 as 64 lower-case hex digits, got ${JSON.stringify(digest)}.`,
    );
  }
  return join(folder, digest.slice(0, 2), `${digest}.jpg`);
}

/** Makes parent folders only if needed, because a recursive `mkdir` reports a read-only disk as a missing folder. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) await mkdir(path, { recursive: true });
    else if (!hasCode(error, 'EEXIST')) throw error;
  }
}

async function replaceFile(path: string, content: Uint8Array): Promise<true> {
  // The name is unique, because two items with the same picture may be written at the same time.
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, content, { flag: 'wx' });
    await rename(temporary, path);
    return true;
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined); // the first error is the more useful one
    throw error;
  }
}

async function unlessMissing<T>(folder: string, operation: () => Promise<T>): Promise<T | undefined> {
  return repairable(folder, async () => {
    try {
      return await operation();
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  });
}

/** Turns failures of the file system into errors that tell the operator what to do. */
async function repairable<T>(folder: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    const has = (...codes: string[]): boolean => codes.some((code) => hasCode(cause, code));
    if (has('ENOSPC', 'EDQUOT')) {
      throw new OperatorError(
        `The disk of the pictures folder ${folder} is full. Stored pictures are kept. Free some space and run the command again.`,
        { cause },
      );
    }
    if (has('EACCES', 'EPERM', 'EROFS')) {
      throw new OperatorError(
        `The pictures folder ${folder} cannot be read or written (${messageOf(cause)}). ` +
          'Give it to the user of this process or mount it writable, then run the command again.',
        { cause },
      );
    }
    throw new OperatorError(`The pictures folder ${folder} cannot be used: ${messageOf(cause)}.`, { cause });
  }
}
