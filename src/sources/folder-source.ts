/** An inventory of nothing but pictures in folders, on disk or in a zip file. */

import { basename, extname } from 'node:path/posix';
import pMap from 'p-map';
import { messageOf, OperatorError } from '../util/errors.ts';
import { describeUnsupported, photoFormat, unreadablePicture } from '../photo/photo-format.ts';
import { PHOTO_LIMITS } from '../photo/photo-limits.ts';
import { createIdRegister, itemFrom } from './fields.ts';
import { type FileTree, isPictureName } from './file-tree.ts';
import type { Source, SourceRecord } from './source.ts';
import { topFolder } from './top-folder.ts';
import { isUnnamed } from './zip-names.ts';

/**
 * The id is the path without its extension, the title comes from the file name, and the first folder is the label `type`:
 * `dress/IMG_1.jpg` becomes the item `dress/IMG_1`, titled "IMG 1", of type "dress". A folder in which a zip file holds everything
 * gives no label. Files with an unusual extension are pictures if they begin like one. Owns the tree and closes it.
 * @throws {OperatorError} when there is no picture.
 */
export async function openFolderSource(tree: FileTree, name: string): Promise<Source> {
  const { pictures, unreadable } = await sortFiles(tree);
  if (pictures.length === 0) {
    const [first] = unreadable;
    const found = first
      ? `; ${first[0]} cannot be read: ${first[1]}`
      : tree.files.length > 0
        ? `; found ${tree.files.length} other files, such as ${tree.files[0] ?? ''}`
        : '';
    throw new OperatorError(
      `There are no pictures in ${tree.path}. Expected files that end in .jpg, .jpeg, .png, .webp, .gif or .avif, at any depth${found}.`,
    );
  }
  const ids = new Map(distinctIds(pictures).map((id, index) => [pictures[index], id]));
  const top = topFolder(tree);
  const listed = [...pictures, ...unreadable.keys()].sort();

  // eslint-disable-next-line @typescript-eslint/require-await -- the interface is asynchronous, a list of names is not
  async function* records(): AsyncGenerator<SourceRecord, void> {
    const register = createIdRegister();
    for (const path of listed) {
      const problem = unreadable.get(path);
      if (problem !== undefined) {
        yield { kind: 'rejected', where: path, reason: problem };
        continue;
      }
      const result = itemFrom({
        id: ids.get(path),
        title: titleOf(path),
        type: typeOf(path.slice(top.length)),
      });
      const reason = 'reason' in result ? result.reason : register.claim(result.item.id, path);
      if (reason !== undefined) yield { kind: 'rejected', where: path, reason };
      else if ('item' in result)
        yield { kind: 'item', where: path, item: result.item, read: () => readPicture(tree, path) };
    }
  }

  return {
    name,
    description: `pictures, ${tree.kind}`,
    count: listed.length,
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

/** What the decoder and file-type look at. */
const HEAD_BYTES = 4_100;
/** Files looked into at once. */
const CONCURRENT_FILES = 8;
/** Extensions of pictures that cannot be read, whatever is in them. */
const UNREADABLE_EXTENSIONS = /\.(heic|heif|tiff?|jxl|jp2|bmp|psd|dng|cr[23]|nef|arw|orf|rw2|raf)$/i;

/** Sorts out what is a picture by its name, or failing that by how it begins. */
async function sortFiles(tree: FileTree): Promise<{ pictures: string[]; unreadable: Map<string, string> }> {
  const problems = await pMap(
    tree.files,
    async (path): Promise<string | undefined> => (isPictureName(path) ? '' : await problemOf(tree, path)),
    { concurrency: CONCURRENT_FILES },
  );
  const pictures = tree.files.filter((_, index) => problems[index] === '');
  const unreadable = tree.files.flatMap((path, index) =>
    problems[index] ? [[path, problems[index]] as const] : [],
  );
  return { pictures, unreadable: new Map(unreadable) };
}

/** Empty for a picture; undefined for a file that has nothing to do with pictures. */
async function problemOf(tree: FileTree, path: string): Promise<string | undefined> {
  const head = await tree.readStart(path, HEAD_BYTES).catch(() => undefined);
  if (head && photoFormat(head)) return '';
  const unsupported = head && (await describeUnsupported(head));
  if (unsupported && unsupported.kind !== 'other') return unreadablePicture(unsupported);
  if (!UNREADABLE_EXTENSIONS.test(path)) return undefined;
  return head
    ? 'it has the name of a picture, but its content is none that can be read; save it as JPEG'
    : 'it cannot be opened';
}

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
  if (isUnnamed(words)) return undefined;
  return /^\d*$/.test(words) ? `Item ${words}`.trim() : words.charAt(0).toUpperCase() + words.slice(1);
}

/** Folder names that say nothing about what they hold. */
const GENERIC_FOLDERS = new Set(['images', 'image', 'pictures', 'photos', 'imgs', 'img', 'pics']);

function typeOf(path: string): string | undefined {
  const [first = ''] = path.split('/');
  const saysNothing = first === path || GENERIC_FOLDERS.has(first.toLowerCase()) || isUnnamed(first);
  return saysNothing ? undefined : first;
}
