/** Finds the entities that Telegram detects in any text: commands, mentions, hashtags, addresses. */
import type { MessageEntity } from '@grammyjs/types';

const patterns: readonly [MessageEntity.CommonMessageEntity['type'], RegExp][] = [
  ['bot_command', /(?<![\w/])\/[a-zA-Z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/])/g],
  ['url', /(?<!\w)https?:\/\/[^\s<>"]+[^\s<>".,;:!?)]/g],
  ['email', /(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.-]*\w/g],
  ['mention', /(?<![\w@])@[A-Za-z0-9_]{3,32}(?!\w)/g],
  ['hashtag', /(?<![\w#])#[\p{L}\d_]*\p{L}[\p{L}\d_]*/gu],
];

/** The entities given, plus those found where none is given, in order of place. */
export function withDetectedEntities(text: string, given: readonly MessageEntity[]): MessageEntity[] {
  const solid = given.filter(({ type }) => ['text_link', 'text_mention', 'code', 'pre'].includes(type));
  const found: MessageEntity[] = [];
  for (const [type, pattern] of patterns) {
    for (const match of text.matchAll(pattern)) {
      const place = { offset: match.index, length: match[0].length };
      if ([...solid, ...found].every((other) => !overlap(place, other))) found.push({ type, ...place });
    }
  }
  return [...given, ...found].sort((a, b) => a.offset - b.offset || b.length - a.length);
}

// --- Internal helpers ---

interface Place {
  readonly offset: number;
  readonly length: number;
}

function overlap(a: Place, b: Place): boolean {
  return a.offset < b.offset + b.length && b.offset < a.offset + a.length;
}
