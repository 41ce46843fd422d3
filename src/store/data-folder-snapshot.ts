/**
 * A private copy of the embedded store of a data folder that another process holds, for programs that only read.
 *
 * Files are copied in an order that keeps the copy whole. Logs come before the manifest: a log that becomes a table in
 * between is then in both, and what is written after the copy is missing as a whole. Tables come last; one that LevelDB
 * deletes in between makes the copy start over. Hard links would be faster and would damage the original: when the copy is
 * opened, LevelDB writes a table under the next free number, which may be a linked file that the original is writing.
 */

import { constants, copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { hasCode, messageOf, OperatorError } from '../util/errors.ts';
import type { DataFolder } from './data-folder.ts';
import { openLevelStore } from './level-store.ts';

const PREFIX = '.snapshot-';
/** A copy that is older was left behind by a program that was killed, in milliseconds. */
const STALE_MS = 3_600_000;
/** LevelDB compacts for seconds at a time at most. */
const TRIES = 5;

/**
 * Opens a snapshot of the data folder: index and pictures are the folder's own, store and feeds are a temporary copy, and
 * nothing that is written to the copy is seen by anybody else.
 * @throws {OperatorError} when there is no store to copy, or the folder cannot be written.
 */
export async function openDataFolderSnapshot(path: string): Promise<DataFolder> {
  const folder = resolve(path);
  await removeStale(folder);
  const copy = await mkdtemp(join(folder, PREFIX)).catch((cause: unknown) => {
    throw new OperatorError(
      `Cannot make a temporary folder in ${folder} to read it while another process holds it: ${messageOf(cause)}.`,
      { cause },
    );
  });
  const remove = (): Promise<void> => rm(copy, { recursive: true, force: true });
  try {
    const store = await openCopy(join(folder, 'store'), join(copy, 'store'));
    let closing: Promise<void> | undefined;
    return {
      path: folder,
      indexFolder: join(folder, 'index'),
      picturesFolder: join(folder, 'pictures'),
      feedsFolder: join(copy, 'feeds'),
      store,
      isSnapshot: true,
      close: () => (closing ??= store.close().then(remove)),
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

// --- Internal helpers ---

async function openCopy(from: string, to: string) {
  for (let tries = 1; ; tries++) {
    try {
      await copyStore(from, to);
      return await openLevelStore(to);
    } catch (error) {
      // A table went away between the copies of the manifest and of the table: LevelDB says so by the missing file, or as corruption.
      if (tries === TRIES) throw error;
      await rm(to, { recursive: true, force: true });
    }
  }
}

async function copyStore(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  const before = await readdir(from);
  for (const name of before.filter((file) => file.endsWith('.log')))
    await copyFile(join(from, name), join(to, name));
  const manifest = (await readFile(join(from, 'CURRENT'), 'utf8')).trim();
  await copyFile(join(from, manifest), join(to, manifest));
  await copyFile(join(from, 'CURRENT'), join(to, 'CURRENT'));
  const tables = (await readdir(from)).filter((file) => /\.(ldb|sst)$/.test(file));
  for (const name of tables) {
    await copyFile(join(from, name), join(to, name), constants.COPYFILE_FICLONE).catch((error: unknown) => {
      if (!hasCode(error, 'ENOENT')) throw error; // deleted by now: unless the manifest needs it, nobody misses it
    });
  }
}

/** Copies that programs left behind which were killed. */
async function removeStale(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((entry) => entry.startsWith(PREFIX))) {
    const made = await stat(join(folder, name)).catch(() => undefined);
    if (made && Date.now() - made.mtimeMs > STALE_MS) {
      await rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined);
    }
  }
}
