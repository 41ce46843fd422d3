/** sendMessage, sendPhoto, sendDocument and sendChatAction. */
import { accessChat, checkRight, isGroup, readReply, readTopic } from '../access.ts';
import { badRequest } from '../api-error.ts';
import { readCaption, readMessageText } from '../entities/read-text.ts';
import { photoSizes, type StoredFile } from '../file-store.ts';
import { readKeyboard } from '../keyboard.ts';
import { limits } from '../limits.ts';
import { flag, json, requiredText, text, type Parameters } from '../parameters.ts';
import { addPost, captionFields, textFields, type Content } from '../posts.ts';
import { asBot } from '../senders.ts';
import type { ChatRecord, Post, Right, World } from '../world.ts';
import { readInputFile } from './input-media.ts';
import type { Method } from './method.ts';

export const sendMessage: Method = (world, parameters) => {
  const entities = json(parameters, 'entities', 'entities');
  const formatted = readMessageText(text(parameters, 'text'), text(parameters, 'parse_mode'), entities);
  const place = readPlace(world, parameters, 'messages');
  return publish(world, place, textFields(formatted.text, formatted.entities), []).message;
};

export const sendPhoto: Method = async (world, parameters) => {
  const caption = readCallCaption(parameters);
  const place = readPlace(world, parameters, 'photos');
  const sent = await readInputFile(world, parameters, text(parameters, 'photo'), 'photo', 'Photo');
  if (sent === undefined) throw badRequest('there is no photo in the request');
  const content = {
    photo: photoSizes(sent.file, 0),
    ...caption,
    ...(flag(parameters, 'has_spoiler') ? { has_media_spoiler: true as const } : {}),
  };
  return publish(world, place, content, [sent]).message;
};

export const sendDocument: Method = async (world, parameters) => {
  const caption = readCallCaption(parameters);
  const place = readPlace(world, parameters, 'documents');
  const sent = await readInputFile(world, parameters, text(parameters, 'document'), 'document', 'Document');
  if (sent === undefined) throw badRequest('there is no document in the request');
  return publish(world, place, { document: documentOf(sent.file), ...caption }, [sent]).message;
};

const actions = [
  'typing',
  'upload_photo',
  'upload_document',
  'upload_video',
  'record_video',
  'upload_voice',
  'record_voice',
  'upload_audio',
  'record_audio',
  'choose_sticker',
  'find_location',
  'pick_up_location',
  'record_video_note',
  'upload_video_note',
];

export const sendChatAction: Method = (world, parameters) => {
  const action = text(parameters, 'action').toLowerCase();
  if (!actions.includes(action)) throw badRequest('wrong parameter action in request');
  const record = accessChat(world, parameters, 'write');
  const topic = readTopic(record, parameters);
  const at = world.clock.now();
  record.actions.push({ action, topic, at, until: at + limits.chatActionTime.value });
  world.changes.notify();
  return true;
};

/** Where a message goes, checked: chat, right, topic, reply, keyboard and flood control. */
export interface Place {
  readonly record: ChatRecord;
  readonly topic: number | undefined;
  readonly replyTo: Post | undefined;
  readonly keyboard: Content;
}

export function readPlace(world: World, parameters: Parameters, right: Right, messages = 1): Place {
  requiredText(parameters, 'chat_id');
  const markup = readKeyboard(parameters);
  const record = accessChat(world, parameters, 'write');
  checkRight(record, right);
  const replyTo = readReply(record, parameters);
  const topic = readTopic(record, parameters);
  world.flood.charge('message', record.chat.id, isGroup(record), messages);
  return { record, topic, replyTo, keyboard: markup === undefined ? {} : { reply_markup: markup } };
}

/** Stores what the bot sends; the chat action showing there ends with it. */
export function publish(world: World, place: Place, content: Content, files: Post['files']): Post {
  const { record, topic, replyTo, keyboard } = place;
  for (const action of record.actions) action.until = Math.min(action.until, world.clock.now());
  const sender = asBot(world, record);
  return addPost(world, record, { content: { ...content, ...keyboard }, sender, replyTo, topic, files });
}

export function documentOf(file: StoredFile): NonNullable<Content['document']> {
  return {
    file_id: file.fileId,
    file_unique_id: file.uniqueId,
    ...(file.name === '' ? {} : { file_name: file.name }),
    mime_type: file.mimeType,
    file_size: file.bytes.length,
  };
}

// --- Internal helpers ---

function readCallCaption(parameters: Parameters): Content {
  const entities = json(parameters, 'caption_entities', 'caption entities');
  const { text: caption, entities: found } = readCaption(
    text(parameters, 'caption'),
    text(parameters, 'parse_mode'),
    entities,
  );
  const above = flag(parameters, 'show_caption_above_media');
  return { ...captionFields(caption, found), ...(above ? { show_caption_above_media: true as const } : {}) };
}
