/** Converts the text, parse mode and entities of a call into formatted text, within Telegram's limits. */
import type { MessageEntity } from '@grammyjs/types';
import { badRequest } from '../api-error.ts';
import { limits } from '../limits.ts';
import { isObject } from '../parameters.ts';
import type { FormattedText } from '../world.ts';
import { withDetectedEntities } from './detect-entities.ts';
import { parseHtml } from './parse-html.ts';
import { parseMarkdownV2 } from './parse-markdown-v2.ts';

/** Text of a message: 1 to 4,096 UTF-16 code units after parsing, or 400. */
export function readMessageText(source: string, parseMode: string, entities: unknown): FormattedText {
  if (source === '') throw badRequest('message text is empty');
  const formatted = readFormatted(source, parseMode, entities);
  if (formatted.text === '') throw badRequest('text must be non-empty');
  if (formatted.text.length > limits.textLength.value) throw badRequest('message is too long');
  return formatted;
}

/** A caption: at most 1,024 UTF-16 code units after parsing, or 400. */
export function readCaption(source: string, parseMode: string, entities: unknown): FormattedText {
  const formatted = readFormatted(source, parseMode, entities);
  if (formatted.text.length > limits.captionLength.value) throw badRequest('message caption is too long');
  return formatted;
}

// --- Internal helpers ---

function readFormatted(source: string, parseMode: string, given: unknown): FormattedText {
  if (Buffer.byteLength(source) > limits.rawTextSize.value) throw badRequest('text is too long');
  const parsed = parse(source, parseMode.toLowerCase(), given);
  const text = parsed.text.trimEnd();
  const entities = withDetectedEntities(text, parsed.entities)
    .filter(({ offset }) => offset < text.length)
    .map((entity) => ({ ...entity, length: Math.min(entity.length, text.length - entity.offset) }))
    .slice(0, limits.entities.value);
  return { text, entities };
}

function parse(source: string, parseMode: string, given: unknown): FormattedText {
  if (source === '' || parseMode === '' || parseMode === 'none') {
    return { text: source, entities: explicit(given, source) };
  }
  if (parseMode === 'html') return parseHtml(source);
  if (parseMode === 'markdownv2') return parseMarkdownV2(source);
  // Telegram still takes it; nobody should write it any more, so the fake does not.
  if (parseMode === 'markdown') throw badRequest('the fake does not parse legacy Markdown; use HTML');
  throw badRequest('unsupported parse_mode');
}

function explicit(given: unknown, text: string): MessageEntity[] {
  if (!Array.isArray(given)) return [];
  return given.map((value: unknown) => {
    if (!isObject(value) || typeof value.type !== 'string') {
      throw badRequest("can't parse MessageEntity: Type is not specified");
    }
    const { offset, length } = value;
    if (!Number.isInteger(offset) || !Number.isInteger(length)) {
      throw badRequest('can\'t parse MessageEntity: Can\'t find field "offset"');
    }
    if (Number(offset) < 0 || Number(length) <= 0 || Number(offset) + Number(length) > text.length) {
      throw badRequest(`entity beginning at UTF-16 offset ${String(offset)} ends after the end of the text`);
    }
    return value as unknown as MessageEntity;
  });
}
