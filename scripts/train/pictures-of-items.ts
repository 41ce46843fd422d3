/** Reads the best picture of each item from several editions of the data set. */

import { openZipTree } from '../../src/sources/zip-tree.ts';
import { decodePicture, type Picture } from './picture.ts';

/** Zip files of the data set. `large` ones are listed best first; those named `square` were squashed from 3:4. */
export interface Editions {
  readonly large: readonly string[];
  readonly small: string;
}

export interface ItemPictures {
  /** In its original aspect ratio, at most 144x192. */
  picture(id: string): Promise<Picture>;
  /** The file of the small edition, which evaluation uses. */
  smallBytes(id: string): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** All pictures of the data set are 3:4. More pixels than this gain nothing at the sizes used in training. */
const LARGE = { width: 144, height: 192 };
const MOST_BYTES = 1_000_000;

export async function openItemPictures({ large, small }: Editions): Promise<ItemPictures> {
  const trees = await Promise.all([...large, small].map((path) => openZipTree(path)));
  const files = trees.map((tree) => new Set(tree.files));
  const nameOf = (id: string): string => `images/${id}.jpg`;
  return {
    async picture(id) {
      const name = nameOf(id);
      const edition = files.findIndex((names) => names.has(name));
      const tree = trees[edition];
      if (!tree) throw new RangeError(`No edition of the data set contains ${name}.`);
      const bytes = await tree.read(name, MOST_BYTES);
      return decodePicture(bytes, edition < large.length ? LARGE : undefined);
    },
    smallBytes: (id) => trees.at(-1)!.read(nameOf(id), MOST_BYTES),
    async close() {
      await Promise.all(trees.map((tree) => tree.close()));
    },
  };
}
