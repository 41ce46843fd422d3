/** The four kinds of sender that Telegram has: a person, a bot, a chat in its own name, a channel post. */
import type { Chat, User } from '@grammyjs/types';
import {
  anonymousAdmin,
  botAsUser,
  channelSpeaker,
  serviceAccount,
  type ChatRecord,
  type World,
} from './world.ts';

export interface Sender {
  readonly from: User | undefined;
  readonly senderChat: Chat | undefined;
  readonly signature: string | undefined;
  readonly isThisBot: boolean;
}

export function asUser(user: User): Sender {
  return { from: user, senderChat: undefined, signature: undefined, isThisBot: false };
}

/** The bot itself; in a channel the channel speaks and there is no `from`. */
export function asBot(world: World, record: ChatRecord): Sender {
  const channel = record.chat.type === 'channel';
  return {
    from: channel ? undefined : botAsUser(world),
    senderChat: channel ? record.chat : undefined,
    signature: undefined,
    isThisBot: true,
  };
}

/** An administrator who hides behind the group. `title` is the custom title shown instead of a name. */
export function asAnonymousAdmin(record: ChatRecord, title?: string): Sender {
  return { from: anonymousAdmin, senderChat: record.chat, signature: title, isThisBot: false };
}

/** Someone who writes in a group in the name of a channel. */
export function asChannel(channel: ChatRecord): Sender {
  return { from: channelSpeaker, senderChat: channel.chat, signature: undefined, isThisBot: false };
}

/** A post in the channel itself. */
export function asChannelPost(channel: ChatRecord): Sender {
  return { from: undefined, senderChat: channel.chat, signature: undefined, isThisBot: false };
}

/** A channel post that Telegram forwards into the linked discussion group. */
export function asAutomaticForward(channel: ChatRecord): Sender {
  return { from: serviceAccount, senderChat: channel.chat, signature: undefined, isThisBot: false };
}
