/** Reads the bot's messages in a chat as replies. An album and the text that belongs to it are one reply. */

import type { SimulatedChat } from '../../fakes/telegram/simulation/simulated-chat.ts';
import type { FakeTelegram } from '../../fakes/telegram/start-fake-telegram.ts';
import type { BotMessage } from '../../fakes/telegram/transcript.ts';
import type { Post } from '../../fakes/telegram/world.ts';
import type { Answer } from '../../scenarios/door-driver.ts';

export interface TelegramReply extends Answer {
  /** The message with the buttons. */
  readonly main: Post;
  readonly messages: readonly BotMessage[];
}

/** The complete, visible replies, oldest first. */
export function repliesIn(fake: FakeTelegram, chat: SimulatedChat): TelegramReply[] {
  const replies: TelegramReply[] = [];
  let pictures: BotMessage[] = [];
  for (const message of fake.bot.messagesIn(chat)) {
    if (message.deleted) continue;
    const isPicture = message.kind === 'album' || (message.kind === 'photo' && message.keyboard.length === 0);
    if (isPicture) {
      pictures.push(message);
      continue;
    }
    replies.push(replyOf([...pictures, message]));
    pictures = [];
  }
  return replies;
}

/** The number of messages with pictures that have no text: part of a reply that is being sent, or that lost its text. */
export function picturesWithoutText(fake: FakeTelegram, chat: SimulatedChat): number {
  const whole = new Set(repliesIn(fake, chat).flatMap(({ messages }) => messages.map(({ id }) => id)));
  return fake.bot.messagesIn(chat).filter(({ id, deleted }) => !deleted && !whole.has(id)).length;
}

// --- Internal helpers ---

function replyOf(messages: readonly BotMessage[]): TelegramReply {
  const last = messages.at(-1);
  const main = last?.posts[0];
  if (!last || !main) throw new Error('a reply has at least one message');
  return {
    id: `${main.message.chat.id}/${last.id}`,
    text: last.text,
    pictures: messages
      .flatMap(({ pictures }) => pictures)
      .map(({ bytes, caption, spoiler }) => ({ bytes, text: caption, spoiler })),
    buttons: last.keyboard.flat().flatMap(({ text }) => (text.endsWith('▾') ? [] : [text])),
    edits: last.editions.length,
    main,
    messages,
  };
}
