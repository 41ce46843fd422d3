/** The data folder, which holds all the state of one process, and the lock that keeps other processes out. */

import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { hasCode, messageOf, OperatorError } from '../util/errors.ts';
import { codeOf } from '../util/reason-of.ts';
import { openLevelStore } from './level-store.ts';
import type { Store } from './store.ts';

export interface DataFolder {
  /** Absolute path. */
  readonly path: string;
  readonly indexFolder: string;
  readonly picturesFolder: string;
  /** Copies of product feeds. */
  readonly feedsFolder: string;
  /**
   * The embedded store, open as long as the folder is. The lock of its database is also the lock of the folder. The kernel
   * releases it when the process dies, so a crash leaves nothing to clean up.
   */
  readonly store: Store;
  /** Whether another process holds the folder, and `store` and `feedsFolder` are a private copy (`data-folder-snapshot.ts`). */
  readonly isSnapshot: boolean;
  /** Idempotent. */
  close(): Promise<void>;
}

/** Another process holds the data folder. */
export class DataFolderInUseError extends OperatorError {}

/**
 * Creates the folder when it is missing, and locks it.
 * @param purpose what this process does, for the error message of another process, for example `inventory import`.
 * @throws {OperatorError} when the folder cannot be created or written, the disk is full, or another process holds it.
 */
export async function openDataFolder(path: string, purpose: string): Promise<DataFolder> {
  const folder = resolve(path);
  const indexFolder = join(folder, 'index');
  const picturesFolder = join(folder, 'pictures');
  const feedsFolder = join(folder, 'feeds');
  const ownerFile = join(folder, 'owner.json');
  await withRepair(folder, async () => {
    await mkdir(folder, { recursive: true });
    await assertWritable(folder);
    await mkdir(indexFolder, { recursive: true });
    await mkdir(picturesFolder, { recursive: true });
  });

  const store = await openLevelStore(join(folder, 'store')).catch(async (error: unknown) => {
    if (error instanceof OperatorError && hasCode(error.cause, 'LEVEL_LOCKED'))
      throw await inUseError(folder, ownerFile, error);
    throw error;
  });
  try {
    await withRepair(folder, () => writeOwner(ownerFile, purpose));
  } catch (error) {
    await store.close();
    throw error;
  }

  let closing: Promise<void> | undefined;
  return {
    path: folder,
    indexFolder,
    picturesFolder,
    feedsFolder,
    store,
    isSnapshot: false,
    close() {
      // Delete the owner file before releasing the lock; afterwards the file may already belong to the next owner.
      closing ??= rm(ownerFile, { force: true })
        .catch(() => undefined)
        .then(() => store.close());
      return closing;
    },
  };
}

// --- Internal helpers ---

const ownerSchema = z.object({
  pid: z.int(),
  host: z.string(),
  purpose: z.string(),
  startedAt: z.string(),
});

/** Only the process that holds the lock writes this file. It informs; it is not a lock. */
async function writeOwner(ownerFile: string, purpose: string): Promise<void> {
  const owner: z.infer<typeof ownerSchema> = {
    pid: process.pid,
    host: hostname(),
    purpose,
    startedAt: new Date().toISOString(),
  };
  await writeFile(`${ownerFile}.tmp`, JSON.stringify(owner));
  await rename(`${ownerFile}.tmp`, ownerFile);
}

/** Writes a file, because permission bits show neither a read-only mount nor a full disk. */
async function assertWritable(folder: string): Promise<void> {
  const file = join(folder, `.probe-${process.pid}`);
  try {
    await writeFile(file, Buffer.alloc(4096));
  } finally {
    await rm(file, { force: true });
  }
}

async function inUseError(
  folder: string,
  ownerFile: string,
  cause: OperatorError,
): Promise<DataFolderInUseError> {
  const owner = await readFile(ownerFile, 'utf8')
    .then((text) => ownerSchema.parse(JSON.parse(text)))
    .catch(() => undefined);
  const who = owner
    ? `process ${owner.pid}${owner.host === hostname() ? '' : ` on ${owner.host}`} (${owner.purpose}, since ${owner.startedAt})`
    : 'another process that has just started';
  return new DataFolderInUseError(
    `The data folder ${folder} is in use by ${who}, and only one process may hold it. ` +
      'Stop that process or wait until it ends, or set DATA_DIR to another folder.',
    { cause },
  );
}

/** Turns the system errors of creating and writing a folder into messages that name the repair. */
async function withRepair(folder: string, operation: () => Promise<void>): Promise<void> {
  try {
    await operation();
  } catch (cause) {
    throw new OperatorError(repairMessage(folder, cause), { cause });
  }
}

function repairMessage(folder: string, error: unknown): string {
  const code = codeOf(error);
  switch (code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOENT': {
      // Node's recursive mkdir fails with ENOENT on a read-only disk.
      const user = process.getuid?.();
      return (
        `The data folder ${folder} cannot be written by ${user === undefined ? 'this user' : `user id ${user}`} (${code}). ` +
        `Give it to that user (chown -R ${user ?? 'USER'} ${folder}), mount it writable, or set DATA_DIR to another folder.`
      );
    }
    case 'ENOSPC':
    case 'EDQUOT':
      return `The disk of the data folder ${folder} is full (${code}). What is stored there is kept. Free some space and start again.`;
    case 'ENOTDIR':
    case 'EEXIST':
      return `The data folder ${folder} cannot be created: a file is in the way. Move that file, or set DATA_DIR to another folder.`;
    default:
      return `The data folder ${folder} cannot be used: ${messageOf(error)}. Set DATA_DIR to another folder.`;
  }
}
