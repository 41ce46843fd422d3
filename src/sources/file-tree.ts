/** Files below one place, whether that is a folder or a zip file. */

import { extname } from 'node:path/posix';

export interface FileTree {
  readonly kind: 'folder' | 'zip';
  /** As messages name it. */
  readonly path: string;
  /** Relative paths with `/`, in code unit order. A path out of a zip is a name and nothing more. */
  readonly files: readonly string[];
  /**
   * The whole file, one of `files`.
   * @throws {Error} whose message says why it cannot be had, for example because it is larger than `maxBytes`.
   */
  read(path: string, maxBytes: number): Promise<Uint8Array>;
  /** Idempotent. */
  close(): Promise<void>;
}

const PICTURE_EXTENSIONS = ['.jpg', '.jpeg', '.png', '.webp', '.gif', '.avif'];

/** By name only; what a file really is, is seen when it is decoded. */
export function isPictureName(path: string): boolean {
  return PICTURE_EXTENSIONS.includes(extname(path).toLowerCase());
}

/** What operating systems leave beside files: hidden ones, and the resource forks that macOS puts into zips. */
export function isLitter(path: string): boolean {
  return path
    .split('/')
    .some((part) => (part.startsWith('.') && part !== '.' && part !== '..') || part === '__MACOSX');
}

/** @param bytes what it has, `maxBytes` what it may have. */
export function tooLarge(bytes: number, maxBytes: number): Error {
  return new Error(`it has ${megabytes(bytes)}, and at most ${megabytes(maxBytes)} are read`);
}

// --- Internal helpers ---

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
