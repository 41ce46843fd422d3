/** Builds the message that discord.js sends for a reply, with the pictures of its items. */

import { type APIMessageTopLevelComponent, type AttachmentPayload, MessageFlags } from 'discord.js';
import type { Reply } from '../../../chat/reply.ts';
import { messageOf } from '../../../util/errors.ts';
import type { Catalogue } from '../../../catalogue/catalogue.ts';
import type { PictureStore } from '../../../catalogue/picture-store.ts';
import type { Logger } from '../../../util/logger.ts';
import { itemsShown, renderReply } from './render-reply.ts';

/** For sending and for editing. `attachments: []` makes an edit drop the files that the message had. */
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

  async function picturesOf(ids: readonly string[]): Promise<Map<string, Buffer>> {
    const found = new Map<string, Buffer>();
    if (ids.length === 0) return found;
    try {
      const items = await catalogue.getMany(ids);
      await Promise.all(
        items.map(async (item) => {
          const picture = item && (await pictures.read(item.picture));
          if (picture) found.set(item.id, Buffer.from(picture));
        }),
      );
    } catch (error) {
      // An answer without pictures is better than none.
      logger.warn({ reason: messageOf(error) }, 'the pictures of some items could not be read');
    }
    return found;
  }

  return async (reply, { withPictures = true } = {}) => {
    const shown = await picturesOf(withPictures ? itemsShown(reply) : []);
    const { components, uploads } = renderReply(reply, (id) => shown.has(id));
    const files = [...uploads].map(([id, name]) => ({ attachment: shown.get(id)!, name }));
    return { components, files, attachments: [], flags: MessageFlags.IsComponentsV2 };
  };
}
