/** The best picture of each item among several editions of the data set. */

import { openZipTree } from '../../src/sources/zip-tree.ts';
import { decodePicture, type Picture } from './picture.ts';

/** Editions of the data set, best first; `square` ones were squashed from 3:4. */
export interface Editions {
  readonly large: readonly string[];
  readonly small: string;
}

export interface ItemPictures {
  /** In its true shape, at most 144x192. */
  picture(id: string): Promise<Picture>;
  /** As it is in the small edition, undecoded: what evaluation is made with. */
  smallBytes(id: string): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** All pictures of the data set are 3:4; more pixels than this gain nothing at the sizes that are trained at. */
const LARGE = { width: 144, height: 192 };
const MOST_BYTES = 1_000_000;

export async function openItemPictures({ large, small }: Editions): Promise<ItemPictures> {
  const trees = await Promise.all([...large, small].map((path) => openZipTree(path)));
  const files = trees.map((tree) => new Set(tree.files));
  const nameOf = (id: string): string => `images/${id}.jpg`;
  return {
    async picture(id) {
      const name = nameOf(id);
      const place = files.findIndex((names) => names.has(name));
      const tree = trees[place];
      if (!tree) throw new RangeError(`No edition of the data set has ${name}.`);
      const bytes = await tree.read(name, MOST_BYTES);
      return decodePicture(bytes, place < large.length ? LARGE : undefined);
    },
    smallBytes: (id) => trees.at(-1)!.read(nameOf(id), MOST_BYTES),
    async close() {
      await Promise.all(trees.map((tree) => tree.close()));
    },
  };
}
