/** An inventory that is nothing but pictures in folders, on disk or in a zip file. */

import { basename, extname } from 'node:path/posix';
import { messageOf, OperatorError } from '../util/errors.ts';
import { PHOTO_LIMITS } from '../photo/photo-limits.ts';
import { createIdRegister, itemFrom } from './fields.ts';
import { type FileTree, isPictureName } from './file-tree.ts';
import type { Source, SourceRecord } from './source.ts';

/**
 * The id is the path without extension, the title comes from the file name, and the first folder is the label `type`
 * (`dress/IMG_1.jpg` is the item `dress/IMG_1`, "IMG 1", type "dress"). Owns the tree: closes it.
 * @throws {OperatorError} when there is no picture.
 */
export function openFolderSource(tree: FileTree, name: string): Source {
  const pictures = tree.files.filter(isPictureName);
  if (pictures.length === 0) {
    throw new OperatorError(
      `There are no pictures in ${tree.path}. Expected files that end in .jpg, .jpeg, .png, .webp, .gif or .avif, in any depth` +
        `${tree.files.length > 0 ? `; found ${tree.files.length} others, such as ${tree.files[0] ?? ''}` : ''}.`,
    );
  }
  const ids = distinctIds(pictures);

  // eslint-disable-next-line @typescript-eslint/require-await -- the seam is asynchronous, a list of names is not
  async function* records(): AsyncGenerator<SourceRecord, void> {
    const register = createIdRegister();
    for (const [place, path] of pictures.entries()) {
      const described = itemFrom({ id: ids[place], title: titleOf(path), type: typeOf(path) });
      const reason = 'reason' in described ? described.reason : register.claim(described.item.id, path);
      if (reason !== undefined) yield { kind: 'rejected', where: path, reason };
      else if ('item' in described)
        yield { kind: 'item', where: path, item: described.item, read: () => readPicture(tree, path) };
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

/** Paths without extension; files that differ in nothing else (`a.jpg`, `a.png`) keep theirs. */
function distinctIds(paths: readonly string[]): string[] {
  const users = new Map<string, number>();
  for (const id of [...paths.map(withoutExtension), ...paths]) users.set(id, (users.get(id) ?? 0) + 1);
  return paths.map((path) => {
    const id = withoutExtension(path);
    return users.get(id) === 1 ? id : path;
  });
}

/** `summer_dress-02.jpg` becomes "Summer dress 02"; a bare number becomes "Item 02". */
function titleOf(path: string): string | undefined {
  const words = withoutExtension(basename(path))
    .replace(/[\s_-]+/g, ' ')
    .trim();
  return /^\d*$/.test(words) ? `Item ${words}`.trim() : words.charAt(0).toUpperCase() + words.slice(1);
}

const MEANINGLESS = new Set(['images', 'image', 'pictures', 'photos', 'imgs', 'img', 'pics']);

function typeOf(path: string): string | undefined {
  const [first = ''] = path.split('/');
  return first === path || MEANINGLESS.has(first.toLowerCase()) ? undefined : first;
}
