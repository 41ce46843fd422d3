/** The files below a folder or in a zip file. */

import { extname } from 'node:path/posix';

export interface FileTree {
  readonly kind: 'folder' | 'zip';
  /** The folder or zip file, as messages name it. */
  readonly path: string;
  /** Relative paths with `/`, in code unit order. A path from a zip file is only a name; it is never resolved on disk. */
  readonly files: readonly string[];
  /**
   * Reads one of `files` whole.
   * @throws {Error} whose message says why the file cannot be read, for example because it is larger than `maxBytes`.
   */
  read(path: string, maxBytes: number): Promise<Uint8Array>;
  /** At most `count` bytes from the start of one of `files`. @throws {Error} as `read`. */
  readStart(path: string, count: number): Promise<Uint8Array>;
  /** Idempotent. */
  close(): Promise<void>;
}

const PICTURE_EXTENSIONS = ['.jpg', '.jpeg', '.png', '.webp', '.gif', '.avif'];

/** Judges by the name only, for trees that hold nothing but what was published. The decoder finds out what the file really is. */
export function isPictureName(path: string): boolean {
  return PICTURE_EXTENSIONS.includes(extname(path).toLowerCase());
}

/** Whether an operating system left the file there: hidden files, and the resource forks that macOS adds to zip files. */
export function isJunkFile(path: string): boolean {
  return path
    .split('/')
    .some((part) => (part.startsWith('.') && part !== '.' && part !== '..') || part === '__MACOSX');
}
