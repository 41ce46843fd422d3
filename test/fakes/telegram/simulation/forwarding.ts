/** The content and origin of a forwarded message. */
import type { MessageOrigin } from '@grammyjs/types';
import type { Content } from '../posts.ts';
import type { Post } from '../world.ts';

/** Who wrote the source, as far as a forward or a reply from elsewhere shows it. */
export function originOf({ message }: Post, hidden = false): MessageOrigin {
  const { date, chat, from, sender_chat, message_id } = message;
  if (chat.type === 'channel') return { type: 'channel', date, chat, message_id };
  if (sender_chat !== undefined) return { type: 'chat', date, sender_chat };
  const name = from?.first_name ?? 'Somebody';
  if (hidden || from === undefined) return { type: 'hidden_user', date, sender_user_name: name };
  return { type: 'user', date, sender_user: from };
}

/** The content of the forward: text and media stay, keyboards, replies and albums do not. */
export function forwardOf(source: Post, hidden = false): Content {
  const { text, entities, caption, caption_entities, photo, document, sticker, has_media_spoiler } =
    source.message;
  return {
    forward_origin: originOf(source, hidden),
    ...(text === undefined ? {} : { text }),
    ...(entities === undefined ? {} : { entities }),
    ...(caption === undefined ? {} : { caption }),
    ...(caption_entities === undefined ? {} : { caption_entities }),
    ...(photo === undefined ? {} : { photo }),
    ...(document === undefined ? {} : { document }),
    ...(sticker === undefined ? {} : { sticker }),
    ...(has_media_spoiler === undefined ? {} : { has_media_spoiler }),
  };
}
