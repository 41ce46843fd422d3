/** An inventory of nothing but pictures in folders, on disk or in a zip file. */

import { basename, extname } from 'node:path/posix';
import { messageOf, OperatorError } from '../util/errors.ts';
import { PHOTO_LIMITS } from '../photo/photo-limits.ts';
import { createIdRegister, itemFrom } from './fields.ts';
import { type FileTree, isPictureName } from './file-tree.ts';
import type { Source, SourceRecord } from './source.ts';

/**
 * The id is the path without its extension, the title comes from the file name, and the first folder is the label `type`:
 * `dress/IMG_1.jpg` becomes the item `dress/IMG_1`, titled "IMG 1", of type "dress". Owns the tree and closes it.
 * @throws {OperatorError} when there is no picture.
 */
export function openFolderSource(tree: FileTree, name: string): Source {
  const pictures = tree.files.filter(isPictureName);
  if (pictures.length === 0) {
    throw new OperatorError(
      `There are no pictures in ${tree.path}. Expected files that end in .jpg, .jpeg, .png, .webp, .gif or .avif, at any depth` +
        `${tree.files.length > 0 ? `; found ${tree.files.length} other files, such as ${tree.files[0] ?? ''}` : ''}.`,
    );
  }
  const ids = distinctIds(pictures);

  // eslint-disable-next-line @typescript-eslint/require-await -- the interface is asynchronous, a list of names is not
  async function* records(): AsyncGenerator<SourceRecord, void> {
    const register = createIdRegister();
    for (const [index, path] of pictures.entries()) {
      const result = itemFrom({ id: ids[index], title: titleOf(path), type: typeOf(path) });
      const reason = 'reason' in result ? result.reason : register.claim(result.item.id, path);
      if (reason !== undefined) yield { kind: 'rejected', where: path, reason };
      else if ('item' in result)
        yield { kind: 'item', where: path, item: result.item, read: () => readPicture(tree, path) };
    }
  }

  return {
    name,
    description: `pictures, ${tree.kind}`,
    count: pictures.length,
    records,
    close: () => tree.close(),
  };
}

/** @throws {Error} that names the picture and says why it cannot be read. */
export async function readPicture(tree: FileTree, path: string): Promise<Uint8Array> {
  return tree.read(path, PHOTO_LIMITS.bytes).catch((error: unknown) => {
    throw new Error(`the picture ${path} cannot be read: ${messageOf(error)}`, { cause: error });
  });
}

export function withoutExtension(path: string): string {
  return path.slice(0, path.length - extname(path).length);
}

// --- Internal helpers ---

/** Paths without extension. Files that differ in nothing else (`a.jpg`, `a.png`) keep their extension. */
function distinctIds(paths: readonly string[]): string[] {
  const users = new Map<string, number>();
  for (const id of [...paths.map(withoutExtension), ...paths]) users.set(id, (users.get(id) ?? 0) + 1);
  return paths.map((path) => {
    const id = withoutExtension(path);
    return users.get(id) === 1 ? id : path;
  });
}

/** `summer_dress-02.jpg` becomes "Summer dress 02", and `02.jpg` becomes "Item 02". */
function titleOf(path: string): string | undefined {
  const words = withoutExtension(basename(path))
    .replace(/[\s_-]+/g, ' ')
    .trim();
  return /^\d*$/.test(words) ? `Item ${words}`.trim() : words.charAt(0).toUpperCase() + words.slice(1);
}

/** Folder names that say nothing about what they hold. */
const GENERIC_FOLDERS = new Set(['images', 'image', 'pictures', 'photos', 'imgs', 'img', 'pics']);

function typeOf(path: string): string | undefined {
  const [first = ''] = path.split('/');
  return first === path || GENERIC_FOLDERS.has(first.toLowerCase()) ? undefined : first;
}
