/** A reply as discord.js sends it, with the pictures of its items. */

import { type APIMessageTopLevelComponent, type AttachmentPayload, MessageFlags } from 'discord.js';
import type { Reply } from '../../../chat/reply.ts';
import { messageOf } from '../../../util/errors.ts';
import type { Catalogue } from '../../../catalogue/catalogue.ts';
import type { PictureStore } from '../../../catalogue/picture-store.ts';
import type { Logger } from '../../../util/logger.ts';
import { itemsShown, renderReply } from './render-reply.ts';

/** Good for sending and for editing: an edit drops the files that the message had. */
export interface MessageBody {
  readonly components: APIMessageTopLevelComponent[];
  readonly files: AttachmentPayload[];
  readonly attachments: [];
  readonly flags: MessageFlags.IsComponentsV2;
}

export type BuildMessage = (
  reply: Reply,
  options?: { readonly withPictures?: boolean },
) => Promise<MessageBody>;

export interface BuildMessageDependencies {
  readonly catalogue: Pick<Catalogue, 'getMany'>;
  readonly pictures: Pick<PictureStore, 'read'>;
  readonly logger: Pick<Logger, 'warn'>;
}

export function createBuildMessage(dependencies: BuildMessageDependencies): BuildMessage {
  const { catalogue, pictures, logger } = dependencies;

  async function tilesOf(ids: readonly string[]): Promise<Map<string, Buffer>> {
    const tiles = new Map<string, Buffer>();
    if (ids.length === 0) return tiles;
    try {
      const items = await catalogue.getMany(ids);
      await Promise.all(
        items.map(async (item) => {
          const tile = item && (await pictures.read(item.picture));
          if (tile) tiles.set(item.id, Buffer.from(tile));
        }),
      );
    } catch (error) {
      // The answer is worth more than its pictures.
      logger.warn({ reason: messageOf(error) }, 'pictures of items could not be read');
    }
    return tiles;
  }

  return async (reply, { withPictures = true } = {}) => {
    const tiles = await tilesOf(withPictures ? itemsShown(reply) : []);
    const { components, uploads } = renderReply(reply, (id) => tiles.has(id));
    const files = [...uploads].map(([id, name]) => ({ attachment: tiles.get(id)!, name }));
    return { components, files, attachments: [], flags: MessageFlags.IsComponentsV2 };
  };
}
