/** Pictures of items for Telegram: uploaded once, from then on sent by `file_id`. */

import type { Keyv } from 'keyv';
import type { Catalogue } from '../../../catalogue/catalogue.ts';
import type { PictureStore } from '../../../catalogue/picture-store.ts';
import type { Upload } from '../api/bot-api.ts';

export interface ItemPicture {
  /** Digest of the picture: what its `file_id` is kept under, so that a changed picture is uploaded anew. */
  readonly digest: string;
  /** A `file_id`, or the tile to upload. */
  readonly media: string | Upload;
}

export interface ItemPictures {
  /**
   * One for each id, in the same order; undefined where there is no picture.
   * @param anew upload also what Telegram should have.
   */
  find(itemIds: readonly string[], anew?: boolean): Promise<(ItemPicture | undefined)[]>;
  keep(digest: string, fileId: string): Promise<void>;
  /** Telegram does not know these any more. */
  drop(digests: readonly string[]): Promise<void>;
}

export interface ItemPicturesDependencies {
  readonly catalogue: Pick<Catalogue, 'getMany'>;
  readonly pictures: Pick<PictureStore, 'read'>;
  /** A `file_id` is good for one bot only. */
  readonly botId: number;
  readonly store: Keyv<string>;
}

export function createItemPictures(dependencies: ItemPicturesDependencies): ItemPictures {
  const { catalogue, pictures, botId, store } = dependencies;
  const keyOf = (digest: string): string => `${botId}/${digest}`;

  async function find(digest: string, anew: boolean): Promise<ItemPicture | undefined> {
    const fileId = anew ? undefined : await store.get(keyOf(digest));
    if (fileId !== undefined) return { digest, media: fileId };
    const tile = await pictures.read(digest);
    return tile && { digest, media: { source: Buffer.from(tile), filename: `${digest.slice(0, 12)}.jpg` } };
  }

  return {
    async find(itemIds, anew = false) {
      const items = await catalogue.getMany(itemIds);
      return Promise.all(items.map(async (item) => item && find(item.picture, anew)));
    },
    async keep(digest, fileId) {
      await store.set(keyOf(digest), fileId);
    },
    async drop(digests) {
      for (const digest of digests) await store.delete(keyOf(digest));
    },
  };
}
