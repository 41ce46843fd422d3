/** Parses the Bot API's MarkdownV2 style. Refuses unescaped reserved characters and unclosed entities as the server does. */
import type { MessageEntity } from '@grammyjs/types';
import { badRequest } from '../api-error.ts';
import type { FormattedText } from '../world.ts';
import { isAcceptableLink } from './acceptable-link.ts';

const reserved = '_*[]()~`>#+-=|{}.!';

/** Delimiters, longest first: `||` before a lone `|`, `__` before `_`. */
const delimiters: readonly [mark: string, name: string, type: MessageEntity['type']][] = [
  ['```', 'Pre', 'pre'],
  ['||', 'Spoiler', 'spoiler'],
  ['__', 'Underline', 'underline'],
  ['*', 'Bold', 'bold'],
  ['_', 'Italic', 'italic'],
  ['~', 'Strikethrough', 'strikethrough'],
  ['`', 'Code', 'code'],
  ['[', 'TextUrl', 'text_link'],
];

interface Open {
  readonly mark: string;
  readonly name: string;
  readonly type: MessageEntity['type'];
  readonly start: number;
  readonly byteOffset: number;
  readonly language: string;
}

export function parseMarkdownV2(source: string): FormattedText {
  const entities: MessageEntity[] = [];
  const open: Open[] = [];
  let text = '';
  let position = 0;
  let quoteStart = -1;

  function closeQuote(): void {
    if (quoteStart >= 0 && text.length > quoteStart) {
      entities.push({ type: 'blockquote', offset: quoteStart, length: text.length - quoteStart });
    }
    quoteStart = -1;
  }

  while (position < source.length) {
    const rest = source.slice(position);
    const top = open.at(-1);
    const isCode = top?.type === 'pre' || top?.type === 'code';
    const lineStart = position === 0 || source.charAt(position - 1) === '\n';
    if (rest.startsWith('\\') && /^[\x01-\x7e]/.test(rest.slice(1))) {
      text += rest.charAt(1);
      position += 2;
    } else if (top !== undefined && rest.startsWith(closing(top))) {
      open.pop();
      position += closing(top).length;
      if (top.type === 'text_link') {
        const [url, length] = readUrl(source, position, text.slice(top.start));
        position += length;
        if (isAcceptableLink(url)) entities.push({ type: 'text_link', url, ...placeOf(top, text) });
      } else if (text.length > top.start) {
        entities.push(entityOf(top, text));
      }
    } else if (isCode) {
      if (rest.startsWith('`')) throw refusal(reservedText('`'));
      text += rest.charAt(0);
      position += 1;
    } else if (lineStart && rest.startsWith('>')) {
      if (quoteStart < 0) quoteStart = text.length;
      position += 1;
    } else if (rest.startsWith('\n')) {
      if (quoteStart >= 0 && !rest.startsWith('\n>')) {
        if (top !== undefined) throw noEnd(top);
        closeQuote();
      }
      text += '\n';
      position += 1;
    } else {
      const delimiter = delimiters.find(([mark]) => rest.startsWith(mark));
      if (delimiter === undefined) {
        if (reserved.includes(rest.charAt(0))) throw refusal(reservedText(rest.charAt(0)));
        text += rest.charAt(0);
        position += 1;
      } else {
        const [mark, name, type] = delimiter;
        const language = type === 'pre' ? (/^```([^\s`]+)\n/.exec(rest)?.[1] ?? '') : '';
        const byteOffset = Buffer.byteLength(source.slice(0, position));
        open.push({ mark, name, type, start: text.length, byteOffset, language });
        position += mark.length + language.length;
        if (type === 'pre' && source.charAt(position) === '\n') position += 1;
      }
    }
  }
  const unclosed = open.at(-1);
  if (unclosed !== undefined) throw noEnd(unclosed);
  closeQuote();
  entities.sort((a, b) => a.offset - b.offset || b.length - a.length);
  return { text, entities };
}

// --- Internal helpers ---

function refusal(problem: string): Error {
  return badRequest(`can't parse entities: ${problem}`);
}

function noEnd({ name, byteOffset }: Open): Error {
  return refusal(`Can't find end of ${name} entity at byte offset ${byteOffset}`);
}

function reservedText(character: string): string {
  return `Character '${character}' is reserved and must be escaped with the preceding '\\'`;
}

function closing({ mark }: Open): string {
  return mark === '[' ? ']' : mark;
}

function placeOf({ start }: Open, text: string): { offset: number; length: number } {
  return { offset: start, length: text.length - start };
}

function entityOf(open: Open, text: string): MessageEntity {
  const place = placeOf(open, text);
  if (open.type === 'pre') {
    return { type: 'pre', ...(open.language === '' ? {} : { language: open.language }), ...place };
  }
  return { type: open.type as MessageEntity.CommonMessageEntity['type'], ...place };
}

/** The `(address)` after a link's text; without one the text itself is the address. */
function readUrl(source: string, position: number, text: string): [url: string, length: number] {
  if (source.charAt(position) !== '(') return [text, 0];
  const match = /^\(((?:\\[\x01-\x7e]|[^)\\])*)\)/.exec(source.slice(position));
  if (match === null) {
    const offset = Buffer.byteLength(source.slice(0, position + 1));
    throw refusal(`Can't find end of a URL at byte offset ${offset}`);
  }
  return [(match[1] ?? '').replaceAll(/\\(.)/gs, '$1'), match[0].length];
}
