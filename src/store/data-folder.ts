/** The folder that holds all the state of one process, and the lock that keeps a second process out. */

import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { hasCode, messageOf, OperatorError } from '../util/errors.ts';
import { openLevelStore } from './level-store.ts';
import type { Store } from './store.ts';

export interface DataFolder {
  /** Absolute. */
  readonly path: string;
  readonly indexFolder: string;
  readonly picturesFolder: string;
  /** Copies of product feeds. */
  readonly feedsFolder: string;
  /**
   * The embedded store, open for as long as the folder is. The lock of its database is the lock of the folder: the
   * kernel releases it when a process dies, so a crash leaves nothing to clean up.
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
 * Makes the folder when it is missing and takes it.
 * @param purpose what this process does with it, as another process will be told, for example `inventory import`.
 * @throws {OperatorError} when the folder cannot be made or written, the disk is full, or another process holds it.
 */
export async function openDataFolder(path: string, purpose: string): Promise<DataFolder> {
  const folder = resolve(path);
  const indexFolder = join(folder, 'index');
  const picturesFolder = join(folder, 'pictures');
  const feedsFolder = join(folder, 'feeds');
  const ownerFile = join(folder, 'owner.json');
  await preparing(folder, async () => {
    await mkdir(folder, { recursive: true });
    await probe(folder);
    await mkdir(indexFolder, { recursive: true });
    await mkdir(picturesFolder, { recursive: true });
  });

  const store = await openLevelStore(join(folder, 'store')).catch(async (error: unknown) => {
    if (error instanceof OperatorError && hasCode(error.cause, 'LEVEL_LOCKED'))
      throw await inUse(folder, ownerFile, error);
    throw error;
  });
  try {
    await preparing(folder, () => writeOwner(ownerFile, purpose));
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
      // The owner goes before the lock: afterwards the file may already be the next owner's.
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

/** Only who holds the lock writes this; it is information, never a lock. */
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

/** Writing is tried, not asked about: access bits say nothing of a read-only mount or a full disk. */
async function probe(folder: string): Promise<void> {
  const file = join(folder, `.probe-${process.pid}`);
  try {
    await writeFile(file, Buffer.alloc(4096));
  } finally {
    await rm(file, { force: true });
  }
}

async function inUse(folder: string, ownerFile: string, cause: OperatorError): Promise<DataFolderInUseError> {
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

/** Turns the system errors of making and writing a folder into messages with a repair. */
async function preparing(folder: string, operation: () => Promise<void>): Promise<void> {
  try {
    await operation();
  } catch (cause) {
    throw new OperatorError(repairOf(folder, cause), { cause });
  }
}

function repairOf(folder: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOENT': {
      // ENOENT is what Node's recursive mkdir says on a read-only disk.
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
      return `The data folder ${folder} cannot be made: a file is in the way. Move that file, or set DATA_DIR to another folder.`;
    default:
      return `The data folder ${folder} cannot be used: ${messageOf(error)}. Set DATA_DIR to another folder.`;
  }
}
