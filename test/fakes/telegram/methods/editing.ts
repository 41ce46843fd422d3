/** editMessageText, editMessageCaption, editMessageMedia and editMessageReplyMarkup. */
import { isDeepStrictEqual } from 'node:util';
import { accessChat, accessPost, isGroup } from '../access.ts';
import { badRequest } from '../api-error.ts';
import { readCaption, readMessageText } from '../entities/read-text.ts';
import { photoSizes } from '../file-store.ts';
import { readKeyboard } from '../keyboard.ts';
import { flag, isObject, json, text, textField, type Parameters } from '../parameters.ts';
import { captionFields, editPost, textFields, type Content } from '../posts.ts';
import type { Post, World } from '../world.ts';
import { readInputFile } from './input-media.ts';
import type { Method } from './method.ts';
import { documentOf } from './sending.ts';

export const editMessageText: Method = (world, parameters) => {
  const entities = json(parameters, 'entities', 'entities');
  const formatted = readMessageText(text(parameters, 'text'), text(parameters, 'parse_mode'), entities);
  const post = readEditable(world, parameters);
  if (post.message.text === undefined) throw badRequest('there is no text in the message to edit');
  return change(world, post, parameters, {
    entities: undefined,
    ...textFields(formatted.text, formatted.entities),
  });
};

export const editMessageCaption: Method = (world, parameters) => {
  const entities = json(parameters, 'caption_entities', 'caption entities');
  const mode = text(parameters, 'parse_mode');
  const caption = readCaption(text(parameters, 'caption'), mode, entities);
  const post = readEditable(world, parameters);
  if (post.message.text !== undefined) throw badRequest('there is no caption in the message to edit');
  return change(world, post, parameters, {
    caption: undefined,
    caption_entities: undefined,
    show_caption_above_media: flag(parameters, 'show_caption_above_media') ? true : undefined,
    ...captionFields(caption.text, caption.entities),
  });
};

export const editMessageMedia: Method = async (world, parameters) => {
  const media = json(parameters, 'media', 'input media');
  if (!isObject(media)) throw badRequest('parameter "media" is required');
  const type = textField(media, 'type');
  if (type !== 'photo' && type !== 'document') {
    throw badRequest(`can't parse InputMedia: type "${type}" is unsupported`);
  }
  const mode = textField(media, 'parse_mode');
  const caption = readCaption(textField(media, 'caption'), mode, media.caption_entities);
  const post = readEditable(world, parameters);
  const { message } = post;
  if (message.text !== undefined) throw badRequest('there is no media in the message to edit');
  if (message.media_group_id !== undefined && (type === 'photo') !== (message.photo !== undefined)) {
    throw badRequest("can't use the media of the specified type in the album");
  }
  const kind = type === 'photo' ? 'Photo' : 'Document';
  const sent = await readInputFile(world, parameters, textField(media, 'media'), 'media', kind);
  if (sent === undefined) throw badRequest("can't parse InputMedia: media not found");
  const result = change(world, post, parameters, {
    photo: type === 'photo' ? photoSizes(sent.file, 0) : undefined,
    document: type === 'document' ? documentOf(sent.file) : undefined,
    has_media_spoiler: media.has_spoiler === true ? true : undefined,
    caption: undefined,
    caption_entities: undefined,
    ...captionFields(caption.text, caption.entities),
  });
  post.files = [sent];
  return result;
};

export const editMessageReplyMarkup: Method = (world, parameters) =>
  change(world, readEditable(world, parameters), parameters, {});

// --- Internal helpers ---

function readEditable(world: World, parameters: Parameters): Post {
  if (text(parameters, 'inline_message_id') !== '') throw badRequest('MESSAGE_ID_INVALID');
  const record = accessChat(world, parameters, 'edit');
  const post = accessPost(record, parameters, 'message to edit');
  if (!post.fromBot || (post.message.text ?? post.message.photo ?? post.message.document) === undefined) {
    throw badRequest("message can't be edited");
  }
  world.flood.charge('edit', record.chat.id, isGroup(record), 1);
  return post;
}

/** An edit without `reply_markup` takes the keyboard away; one that changes nothing is refused. */
function change(
  world: World,
  post: Post,
  parameters: Parameters,
  fields: { [Field in keyof Content]?: Content[Field] | undefined },
): unknown {
  const keyboard = readKeyboard(parameters);
  if (keyboard !== undefined && post.message.media_group_id !== undefined) {
    throw badRequest("message can't be edited: an album carries no reply_markup");
  }
  const wanted = { ...fields, reply_markup: keyboard };
  const before = post.message as unknown as Record<string, unknown>;
  if (Object.entries(wanted).every(([field, value]) => isDeepStrictEqual(before[field], value))) {
    throw badRequest(
      'message is not modified: specified new message content and reply markup are exactly the same as a current ' +
        'content and reply markup of the message',
    );
  }
  editPost(world, post, wanted);
  return post.message;
}
