/** Products of the catalogue that scenes are made with: those of the training part that have a large picture. */

import { openZipTree } from '../../../src/sources/zip-tree.ts';
import { readLabelledItems, splitOf } from '../labelled-items.ts';
import type { Editions } from '../pictures-of-items.ts';
import { classOfType } from './label-classes.ts';
import type { ScenePoolItem } from './open-scene-pool.ts';
import { UNKNOWN } from './outfit-photos.ts';

/** Of a class: more are taken in the order of the catalogue, so that no class is most of what is seen. */
const MOST = 700;

export async function learnedItems({ large, small }: Editions): Promise<ScenePoolItem[]> {
  const files = new Set<string>();
  for (const path of large) {
    const tree = await openZipTree(path);
    for (const file of tree.files) files.add(file);
    await tree.close();
  }
  const counts = new Map<number, number>();
  return (await readLabelledItems(small)).flatMap(({ id, title, labels }) => {
    if (splitOf(title) !== 'train' || !files.has(`images/${id}.jpg`)) return [];
    const found = classOfType(labels.type ?? '') ?? UNKNOWN;
    const count = (counts.get(found) ?? 0) + 1;
    counts.set(found, count);
    return count > MOST ? [] : [{ id, class: found }];
  });
}
