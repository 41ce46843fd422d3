/** Parses the Bot API's HTML style. Refuses what the real server refuses, with the same error messages. */
import type { MessageEntity } from '@grammyjs/types';
import { badRequest } from '../api-error.ts';
import type { FormattedText } from '../world.ts';
import { isAcceptableLink } from './acceptable-link.ts';

const entityOfTag: Readonly<Record<string, MessageEntity['type']>> = {
  b: 'bold',
  strong: 'bold',
  i: 'italic',
  em: 'italic',
  u: 'underline',
  ins: 'underline',
  s: 'strikethrough',
  strike: 'strikethrough',
  del: 'strikethrough',
  span: 'spoiler',
  'tg-spoiler': 'spoiler',
  'tg-emoji': 'custom_emoji',
  a: 'text_link',
  code: 'code',
  pre: 'pre',
  blockquote: 'blockquote',
};

interface OpenTag {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly start: number;
}

export function parseHtml(source: string): FormattedText {
  const entities: MessageEntity[] = [];
  const open: OpenTag[] = [];
  let text = '';
  let position = 0;
  while (position < source.length) {
    const character = source.charAt(position);
    if (character === '&') {
      const [decoded, length] = decodeReference(source, position);
      text += decoded;
      position += length;
    } else if (character !== '<') {
      text += character;
      position += 1;
    } else {
      const offset = Buffer.byteLength(source.slice(0, position));
      const end = endOfTag(source, position);
      const inside = source.slice(position + 1, end);
      if (inside.startsWith('/')) {
        const tag = open.pop();
        if (tag === undefined) throw refusal(`Unexpected end tag at byte offset ${offset}`);
        const name = inside.slice(1).trim().toLowerCase();
        if (end === source.length) throw refusal(`Unclosed end tag at byte offset ${offset}`);
        if (name !== '' && name !== tag.name) {
          throw refusal(
            `Unmatched end tag at byte offset ${offset}, expected "</${tag.name}>", found "</${name}>"`,
          );
        }
        const entity = entityOf(tag, text);
        if (entity !== undefined) entities.push(entity);
      } else {
        open.push(openTag(inside, text.length, offset, end === source.length));
      }
      position = end + 1;
    }
  }
  const unclosed = open.at(-1);
  if (unclosed !== undefined) {
    throw refusal(`Can't find end tag corresponding to start tag "${unclosed.name}"`);
  }
  entities.sort((a, b) => a.offset - b.offset || b.length - a.length);
  return { text, entities };
}

// --- Internal helpers ---

function refusal(problem: string): Error {
  return badRequest(`can't parse entities: ${problem}`);
}

function endOfTag(source: string, start: number): number {
  let quote = '';
  for (let position = start + 1; position < source.length; position += 1) {
    const character = source.charAt(position);
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '>') return position;
  }
  return source.length;
}

function openTag(inside: string, start: number, offset: number, unclosed: boolean): OpenTag {
  const name = /^[^\s>]*/.exec(inside)?.[0].toLowerCase() ?? '';
  if (!Object.hasOwn(entityOfTag, name)) {
    throw refusal(`Unsupported start tag "${name}" at byte offset ${offset}`);
  }
  if (unclosed) throw refusal(`Unclosed start tag at byte offset ${offset}`);
  const attributes = new Map<string, string>();
  for (const match of inside
    .slice(name.length)
    .matchAll(/([\w-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g)) {
    attributes.set((match[1] ?? '').toLowerCase(), decodeAll(match[2] ?? match[3] ?? match[4] ?? ''));
  }
  if (name === 'span' && attributes.get('class') !== 'tg-spoiler') {
    throw refusal(`Tag "span" must have class "tg-spoiler" at byte offset ${offset}`);
  }
  return { name, attributes, start };
}

function entityOf({ name, attributes, start }: OpenTag, text: string): MessageEntity | undefined {
  const place = { offset: start, length: text.length - start };
  if (place.length === 0) return undefined;
  const type = entityOfTag[name];
  if (type === 'text_link') {
    const url = attributes.get('href') ?? text.slice(start);
    // The server drops a link it does not like without a word.
    return isAcceptableLink(url) ? { type, url, ...place } : undefined;
  }
  if (type === 'pre') return { type, ...place };
  if (type === 'custom_emoji') {
    return { type, custom_emoji_id: attributes.get('emoji-id') ?? '', ...place };
  }
  if (type === 'blockquote' && attributes.has('expandable'))
    return { type: 'expandable_blockquote', ...place };
  return { type: type as MessageEntity.CommonMessageEntity['type'], ...place };
}

const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"' };

/** One reference at `position`; an unknown one stays as it is. Source: docs, HTML style: four names and all numbers. */
function decodeReference(source: string, position: number): [decoded: string, length: number] {
  const match = /^&(?:#(\d{1,7})|#[xX]([\da-fA-F]{1,6})|([a-z]+));?/.exec(
    source.slice(position, position + 12),
  );
  if (match === null) return ['&', 1];
  const [whole, decimal, hexadecimal, name] = match;
  const code =
    decimal !== undefined
      ? Number(decimal)
      : hexadecimal !== undefined
        ? Number.parseInt(hexadecimal, 16)
        : undefined;
  if (code !== undefined) {
    return code > 0 && code <= 0x10ffff ? [String.fromCodePoint(code), whole.length] : ['&', 1];
  }
  const character = named[name ?? ''];
  return character === undefined ? ['&', 1] : [character, whole.length];
}

function decodeAll(value: string): string {
  let result = '';
  for (let position = 0; position < value.length;) {
    const [decoded, length] =
      value.charAt(position) === '&' ? decodeReference(value, position) : [value.charAt(position), 1];
    result += decoded;
    position += length;
  }
  return result;
}
