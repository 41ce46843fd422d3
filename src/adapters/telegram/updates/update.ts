/** The parts of an update that this door reads, validated. Everything else is dropped at once. */

import { z } from 'zod';

const id = z.int();
const photoSize = z.object({
  file_id: z.string(),
  width: z.number(),
  height: z.number(),
  file_size: z.number().optional(),
});
const file = z.object({
  file_id: z.string(),
  file_size: z.number().optional(),
  file_name: z.string().optional(),
  mime_type: z.string().optional(),
  thumbnail: photoSize.optional(),
});
const user = z.object({ id, is_bot: z.boolean(), language_code: z.string().optional() });
const chat = z.object({ id, type: z.enum(['private', 'group', 'supergroup', 'channel']) });
const entity = z.object({ type: z.string(), offset: z.int(), length: z.int(), user: user.optional() });

const pictures = {
  photo: z.array(photoSize).optional(),
  document: file.optional(),
  sticker: file.extend({ is_animated: z.boolean().optional(), is_video: z.boolean().optional() }).optional(),
  animation: file.optional(),
  video: file.optional(),
  has_media_spoiler: z.boolean().optional(),
};

const repliedTo = z.object({ message_id: id, from: user.optional(), ...pictures });

const message = z.object({
  message_id: id,
  chat,
  from: user.optional(),
  sender_chat: chat.optional(),
  message_thread_id: id.optional(),
  is_topic_message: z.boolean().optional(),
  media_group_id: z.string().optional(),
  text: z.string().optional(),
  caption: z.string().optional(),
  entities: z.array(entity).optional(),
  caption_entities: z.array(entity).optional(),
  reply_to_message: repliedTo.optional(),
  external_reply: z.object(pictures).optional(),
  migrate_to_chat_id: id.optional(),
  voice: z.unknown().optional(),
  audio: z.unknown().optional(),
  video_note: z.unknown().optional(),
  ...pictures,
});

const button = z.object({
  text: z.string(),
  callback_data: z.string().optional(),
  url: z.string().optional(),
});

const callback = z.object({
  id: z.string(),
  from: user,
  data: z.string().optional(),
  /** Without content when it is older than 48 hours. */
  message: z
    .object({
      message_id: id,
      chat,
      message_thread_id: id.optional(),
      is_topic_message: z.boolean().optional(),
      reply_to_message: z.object({ message_id: id }).optional(),
      text: z.string().optional(),
      caption: z.string().optional(),
      reply_markup: z.object({ inline_keyboard: z.array(z.array(button)) }).optional(),
    })
    .optional(),
});

const membership = z.object({ chat, new_chat_member: z.object({ status: z.string() }) });

export const updateSchema = z.object({
  update_id: id,
  message: message.optional(),
  channel_post: message.optional(),
  callback_query: callback.optional(),
  my_chat_member: membership.optional(),
});

/** The kinds of updates to request. The server remembers the list of the last call, so it is sent every time. */
export const ALLOWED_UPDATES = ['message', 'channel_post', 'callback_query', 'my_chat_member'] as const;

export type Update = z.infer<typeof updateSchema>;
export type Message = z.infer<typeof message>;
export type CallbackQuery = z.infer<typeof callback>;
export type Pictures = Pick<Message, keyof typeof pictures>;
export type Entity = z.infer<typeof entity>;
export type InlineButton = z.infer<typeof button>;

/** The id of an update even if the rest of it is malformed, so that it can be confirmed. */
export function updateIdOf(raw: unknown): number | undefined {
  return z.object({ update_id: id }).safeParse(raw).data?.update_id;
}
