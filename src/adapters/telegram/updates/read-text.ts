/** What the text of a message says to the bot: a command, or a mention. */

import type { Entity, Message } from './update.ts';

/** The bot itself. */
export interface Self {
  readonly id: number;
  readonly username: string;
}

export interface TypedCommand {
  /** In lower case, without slash. */
  readonly name: string;
  /** The text after it, trimmed. May be empty. */
  readonly argument: string;
  /** Written as `/name@bot`. */
  readonly addressed: boolean;
}

/** The command that a message begins with, unless it is addressed to another bot. */
export function readCommand(message: Message, self: Self): TypedCommand | undefined {
  const { text, entities } = textOf(message);
  const first = entities.find(({ type, offset }) => type === 'bot_command' && offset === 0);
  if (!first) return undefined;
  const [name = '', bot] = textAt(text, first).slice(1).split('@');
  if (bot !== undefined && bot.toLowerCase() !== self.username.toLowerCase()) return undefined;
  return {
    name: name.toLowerCase(),
    argument: text.slice(first.length).trim(),
    addressed: bot !== undefined,
  };
}

export function mentions(message: Message, self: Self): boolean {
  const { text, entities } = textOf(message);
  return entities.some((entity) =>
    entity.type === 'text_mention'
      ? entity.user?.id === self.id
      : entity.type === 'mention' && textAt(text, entity).toLowerCase() === `@${self.username.toLowerCase()}`,
  );
}

// --- Internal helpers ---

function textOf(message: Message): { readonly text: string; readonly entities: readonly Entity[] } {
  return {
    text: message.text ?? message.caption ?? '',
    entities: message.entities ?? message.caption_entities ?? [],
  };
}

/** Offsets count UTF-16 units, as in JavaScript. */
function textAt(text: string, { offset, length }: Entity): string {
  return text.slice(offset, offset + length);
}
