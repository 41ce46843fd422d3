/** sendMediaGroup: two to ten photos, or two to ten documents, as one album. */
import type { Message } from '@grammyjs/types';
import { badRequest } from '../api-error.ts';
import { readCaption } from '../entities/read-text.ts';
import { photoSizes } from '../file-store.ts';
import { limits } from '../limits.ts';
import {
  isObject,
  json,
  requiredText,
  text,
  textField,
  type JsonObject,
  type Parameters,
} from '../parameters.ts';
import { captionFields, type Content } from '../posts.ts';
import type { World } from '../world.ts';
import { readInputFile, type SentFile } from './input-media.ts';
import type { Method } from './method.ts';
import { documentOf, publish, readPlace } from './sending.ts';

/**
 * Stricter than Telegram in two points, both on purpose: one item alone is refused as documented (the server lets it
 * pass), and so is a `reply_markup` (the server drops it without a word and the buttons never show).
 */
export const sendMediaGroup: Method = async (world, parameters) => {
  requiredText(parameters, 'media');
  const items = json(parameters, 'media', 'media');
  if (!Array.isArray(items)) throw badRequest('expected an Array of InputMedia');
  if (items.length < limits.albumMinimum.value) throw badRequest('too few messages to send as an album');
  if (items.length > limits.albumMaximum.value) throw badRequest('too many messages to send as an album');
  if (text(parameters, 'reply_markup') !== '') {
    throw badRequest('an album carries no reply_markup (Telegram drops it silently)');
  }
  const media: readonly Item[] = items.map(readItem);
  const photos = media.filter(({ type }) => type === 'photo').length;
  if (photos > 0 && photos < media.length) {
    throw badRequest("can't use the media of the specified type in the album");
  }
  const place = readPlace(world, parameters, photos > 0 ? 'photos' : 'documents', media.length);
  const ready: { content: Content; sent: SentFile }[] = [];
  for (const [index, item] of media.entries())
    ready.push(await readMedia(world, parameters, item, index + 1));
  const album = String(world.next('album'));
  return ready.map(
    ({ content, sent }): Message =>
      publish(world, place, { ...content, media_group_id: album }, [sent]).message,
  );
};

// --- Internal helpers ---

interface Item {
  readonly type: 'photo' | 'document';
  readonly media: string;
  readonly content: Content;
}

function readItem(value: unknown): Item {
  if (!isObject(value)) throw refusal('expected an Object');
  const type = textField(value, 'type');
  if (type === 'animation') throw refusal('type "animation" can\'t be used in sendMediaGroup');
  if (type !== 'photo' && type !== 'document') throw refusal(`type "${type}" is unsupported`);
  const media = textField(value, 'media');
  if (media === '') throw refusal('media not found');
  return { type, media, content: contentOf(value) };
}

function contentOf(item: JsonObject): Content {
  const mode = textField(item, 'parse_mode');
  const { text: caption, entities } = readCaption(textField(item, 'caption'), mode, item.caption_entities);
  return {
    ...captionFields(caption, entities),
    ...(item.has_spoiler === true ? { has_media_spoiler: true as const } : {}),
  };
}

async function readMedia(
  world: World,
  parameters: Parameters,
  { type, media, content }: Item,
  position: number,
): Promise<{ content: Content; sent: SentFile }> {
  const kind = type === 'photo' ? 'Photo' : 'Document';
  let sent: SentFile | undefined;
  try {
    sent = await readInputFile(world, parameters, media, '', kind);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw badRequest(
      `failed to send message #${position} with the error message "${error.message.replace('Bad Request: ', '')}"`,
    );
  }
  if (sent === undefined) throw refusal('media not found');
  const shown = type === 'photo' ? { photo: photoSizes(sent.file, 0) } : { document: documentOf(sent.file) };
  return { content: { ...shown, ...content }, sent };
}

function refusal(problem: string): Error {
  return badRequest(`can't parse InputMedia: ${problem}`);
}
