/** The files of the data set that training reads, and the pictures that it validates with. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createPhotoDecoder } from '../../src/photo/decode-photo.ts';
import { OperatorError } from '../../src/util/errors.ts';
import { type LabelledItem, splitOf } from './labelled-items.ts';
import { type Editions, openItemPictures } from './pictures-of-items.ts';
import type { ValidationSet } from './validate.ts';

/** @throws {OperatorError} when the small edition is missing. The larger ones are optional; they improve the result. */
export function editionsIn(folder: string): Editions {
  const file = (edition: string): string => join(folder, `fashion-product-images-${edition}.zip`);
  if (!existsSync(file('small'))) {
    throw new OperatorError(
      `${file('small')} does not exist. Name the folder of the training data with --data.`,
    );
  }
  return {
    large: ['225x300', '224-square'].map(file).filter((path) => existsSync(path)),
    small: file('small'),
  };
}

/** @param side of the squares in pixels. @param count most items. */
export async function readValidation(
  editions: Editions,
  all: readonly LabelledItem[],
  side: number,
  count: number,
): Promise<ValidationSet> {
  const items = all.filter(({ title }) => splitOf(title) === 'validation').slice(0, count);
  const pictures = await openItemPictures(editions);
  const decoder = createPhotoDecoder();
  try {
    const pixels = new Uint8Array(items.length * side * side * 3);
    for (const [n, { id }] of items.entries()) {
      pixels.set(
        await decoder.decode(await pictures.smallBytes(id), { side }, { priority: 'bulk' }),
        n * side * side * 3,
      );
    }
    return { items, pixels };
  } finally {
    await pictures.close();
  }
}
