/** Pictures that a table or feed names by their paths, in a folder or in a zip file. */

import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { posix } from 'node:path';
import { messageOf } from '../util/errors.ts';
import { PHOTO_LIMITS } from '../photo/photo-limits.ts';
import type { FileTree } from './file-tree.ts';
import { readRegularFile } from './folder-tree.ts';
import type { PictureReading } from './product-source.ts';
import { unpacked } from './unpacked.ts';

/** @param picture a path as the source writes it, with `/` or `\`. */
export type LocalPictures = (picture: string) => Promise<PictureReading>;

/** @param folder that relative paths begin at. */
export function folderPictures(folder: string): LocalPictures {
  return async (picture) => {
    for (const path of candidates(picture)) {
      const file = resolve(folder, path);
      const isFile = await stat(file).then(
        (stats) => stats.isFile(),
        () => false,
      );
      if (isFile) return { read: () => readNamed(picture, () => readRegularFile(file, PHOTO_LIMITS.bytes)) };
    }
    return { reason: missing(picture) };
  };
}

/** @param folder within the tree that relative paths begin at, `''` or with a `/` at its end. */
export function treePictures(tree: FileTree, folder: string): LocalPictures {
  // Zip files made on a Mac hold decomposed names, while tables mostly hold composed ones.
  const files = new Map(tree.files.map((file) => [file.normalize('NFC'), file]));
  return (picture) => {
    for (const path of candidates(picture)) {
      const file = files.get(posix.normalize(`${folder}${path}`).replace(/^\/+/, '').normalize('NFC'));
      if (file !== undefined)
        return Promise.resolve({ read: () => readNamed(picture, () => tree.read(file, PHOTO_LIMITS.bytes)) });
    }
    return Promise.resolve({ reason: missing(picture) });
  };
}

// --- Internal helpers ---

/** Where Magento keeps the pictures that its export names `/w/h/white.jpg`. */
const SHOP_FOLDERS = ['media/catalog/product/', 'pub/media/catalog/product/'];

function candidates(picture: string): string[] {
  const path = picture.replaceAll('\\', '/');
  const relative = path.replace(/^\/+/, '');
  return path === relative ? [path] : [path, relative, ...SHOP_FOLDERS.map((folder) => folder + relative)];
}

function missing(picture: string): string {
  const advice = picture.startsWith('/')
    ? '; the shop names it by its own folder: put that folder beside the table, or give its web address as "pictureBase" in inventory.json'
    : '';
  return `there is no picture ${picture.replaceAll('\\', '/')}${advice}`;
}

async function readNamed(picture: string, read: () => Promise<Uint8Array>): Promise<Uint8Array> {
  try {
    return await unpacked(await read(), PHOTO_LIMITS.bytes);
  } catch (error) {
    throw new Error(`the picture ${picture.replaceAll('\\', '/')} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
