/** The files below a folder. */

import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { OperatorError, systemReason } from '../util/errors.ts';
import { type FileTree, isJunkFile } from './file-tree.ts';
import { tooLarge } from './too-large.ts';

/**
 * Follows symbolic links to files, but not to folders, because they may lead in a circle.
 * @throws {OperatorError} when a folder cannot be listed.
 */
export async function openFolderTree(path: string): Promise<FileTree> {
  const files: string[] = [];
  await listFiles(path, '', files);
  return {
    kind: 'folder',
    path,
    files: files.sort(),
    read: (file, maxBytes) => readRegularFile(join(path, file), maxBytes),
    readStart: (file, count) => readRegularFile(join(path, file), Infinity, count),
    close: () => Promise.resolve(),
  };
}

/**
 * @param count most bytes from its start that are read.
 * @throws {Error} whose message says why the file cannot be read; it does not repeat the path.
 */
export async function readRegularFile(path: string, maxBytes: number, count = Infinity): Promise<Uint8Array> {
  const file = await open(path).catch((error: unknown) => {
    throw new Error(`it cannot be opened (${systemReason(error)})`, { cause: error });
  });
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new Error('it is not a file');
    if (stats.size > maxBytes) throw new Error(tooLarge(stats.size, maxBytes));
    // `readFile` would get the size once more, which is a fifth of the time that a small file takes.
    const bytes = Buffer.alloc(Math.min(stats.size, count));
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length, length);
      if (bytesRead === 0) break; // The file was truncated meanwhile.
      length += bytesRead;
    }
    return bytes.subarray(0, length);
  } finally {
    await file.close();
  }
}

// --- Internal helpers ---

async function listFiles(root: string, below: string, files: string[]): Promise<void> {
  const folder = join(root, below);
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw new OperatorError(
      `The folder ${folder} cannot be listed (${systemReason(error)}). Make it readable for this user.`,
      { cause: error },
    );
  });
  for (const entry of entries) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (isJunkFile(entry.name)) continue;
    if (entry.isDirectory()) await listFiles(root, path, files);
    else if (entry.isFile() || (entry.isSymbolicLink() && (await isLinkToFile(join(root, path)))))
      files.push(path);
  }
}

function isLinkToFile(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    // A dangling link is kept; reading it reports the error.
    () => true,
  );
}
