/** Pictures of items for Telegram: uploaded once, and sent by their `file_id` from then on. */

import type { Keyv } from 'keyv';
import type { Catalogue } from '../../../catalogue/catalogue.ts';
import type { PictureStore } from '../../../catalogue/picture-store.ts';
import type { Upload } from '../api/call-with-files.ts';

export interface ItemPicture {
  /** Digest of the picture. Its `file_id` is stored under it, so that a changed picture is uploaded again. */
  readonly digest: string;
  /** A `file_id`, or the picture to upload. */
  readonly media: string | Upload;
}

export interface ItemPictures {
  /**
   * One for each id, in the same order. Undefined where there is no picture.
   * @param upload whether to upload pictures even if Telegram should have them.
   */
  find(itemIds: readonly string[], upload: boolean): Promise<(ItemPicture | undefined)[]>;
  /** Remembers the `file_id` of an uploaded picture. */
  remember(digest: string, fileId: string): Promise<void>;
  /** Telegram no longer knows these. */
  forget(digests: readonly string[]): Promise<void>;
}

export interface ItemPicturesDependencies {
  readonly catalogue: Pick<Catalogue, 'getMany'>;
  readonly pictures: Pick<PictureStore, 'read'>;
  /** A `file_id` is valid for one bot only. */
  readonly botId: number;
  readonly store: Keyv<string>;
}

export function createItemPictures(dependencies: ItemPicturesDependencies): ItemPictures {
  const { catalogue, pictures, botId, store } = dependencies;
  const keyOf = (digest: string): string => `${botId}/${digest}`;

  async function find(digest: string, upload: boolean): Promise<ItemPicture | undefined> {
    const fileId = upload ? undefined : await store.get(keyOf(digest));
    if (fileId !== undefined) return { digest, media: fileId };
    const bytes = await pictures.read(digest);
    return bytes && { digest, media: { source: Buffer.from(bytes), filename: `${digest.slice(0, 12)}.jpg` } };
  }

  return {
    async find(itemIds, upload) {
      const items = await catalogue.getMany(itemIds);
      return Promise.all(items.map(async (item) => item && find(item.picture, upload)));
    },
    async remember(digest, fileId) {
      await store.set(keyOf(digest), fileId);
    },
    async forget(digests) {
      for (const digest of digests) await store.delete(keyOf(digest));
    },
  };
}
