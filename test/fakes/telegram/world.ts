/** The state of the fake: people, chats, posts, files and updates. The methods and the simulation both use it. */
import type {
  Chat,
  ChatMember,
  Message,
  MessageEntity,
  ReactionType,
  User,
  UserFromGetMe,
} from '@grammyjs/types';
import type { CallLog } from './call-log.ts';
import type { Changes } from './changes.ts';
import type { PlatformClock } from '../clock.ts';
import type { CommandBook } from './command-book.ts';
import type { Faults } from './faults.ts';
import type { FileStore, StoredFile } from './file-store.ts';
import type { Flood } from './flood.ts';
import type { UpdateQueue } from './update-queue.ts';
import type { Webhook } from './webhook.ts';

export interface FormattedText {
  readonly text: string;
  readonly entities: readonly MessageEntity[];
}

/** What a bot or member may not do in a chat; absent means allowed. */
export type Right = 'messages' | 'photos' | 'documents' | 'other';

export interface Topic {
  readonly id: number;
  readonly name: string;
  closed: boolean;
}

export interface ChatAction {
  readonly action: string;
  readonly topic: number | undefined;
  /** PlatformClock times in ms; the action shows from `at` until `until` or until the bot's next message. */
  readonly at: number;
  until: number;
}

/** One earlier state of an edited message. */
export interface Edition {
  readonly at: number;
  readonly message: Message;
}

/** A message as the server keeps it. */
export interface Post {
  message: Message;
  readonly fromBot: boolean;
  /** Files the message carries, and whether they came by file_id and not by upload. */
  files: readonly { readonly file: StoredFile; readonly reused: boolean }[];
  deleted: boolean;
  /** States before each edit, oldest first. */
  readonly editions: Edition[];
  reactions: readonly ReactionType[];
  /** The id of the update about this message. Undefined when there was none. */
  updateId: number | undefined;
}

export type BotStatus = 'creator' | 'administrator' | 'member' | 'left' | 'kicked';

export interface ChatRecord {
  chat: Chat;
  readonly posts: Map<number, Post>;
  /** Of supergroups and channels, which count for themselves. */
  lastMessageId: number;
  readonly members: Map<number, ChatMember>;
  readonly topics: Map<number, Topic>;
  /** The bot's status. In a private chat `kicked` means blocked, `left` means never started. */
  botStatus: BotStatus;
  botMayNot: ReadonlySet<Right>;
  botMayDelete: boolean;
  readonly actions: ChatAction[];
  migratedTo: number | undefined;
  closed: boolean;
  linkedChannel: number | undefined;
}

export interface CallbackRecord {
  readonly id: string;
  readonly from: User;
  readonly chatId: number;
  readonly messageId: number;
  readonly data: string;
  readonly at: number;
  answer: { readonly text: string; readonly alert: boolean; readonly at: number } | undefined;
}

export interface World {
  readonly token: string;
  readonly bot: UserFromGetMe;
  readonly clock: PlatformClock;
  readonly changes: Changes;
  /** Where a server in local mode keeps downloaded files; undefined for the cloud's server. */
  readonly localFolder: string | undefined;
  readonly users: Map<number, User>;
  readonly chats: Map<number, ChatRecord>;
  readonly callbacks: Map<string, CallbackRecord>;
  /** Pages a `photo` or `document` URL may name, since the fake reaches no network. */
  readonly webPages: Map<string, Buffer>;
  readonly files: FileStore;
  readonly queue: UpdateQueue;
  readonly webhook: Webhook;
  readonly commands: CommandBook;
  readonly flood: Flood;
  readonly faults: Faults;
  readonly calls: CallLog;
  /** The next identifier of the named series. */
  next(series: 'album' | 'callback' | 'user' | 'group' | 'supergroup' | 'accountMessage'): number;
  /** PlatformClock time at which the bot was launched (see close), and until which it is logged out. */
  session: { launchedAt: number; loggedOutUntil: number };
}

/** The accounts Telegram itself puts in `from` where a chat speaks. Source: server, init_message. */
export const anonymousAdmin: User = {
  id: 1_087_968_824,
  is_bot: true,
  first_name: 'Group',
  username: 'GroupAnonymousBot',
};
export const channelSpeaker: User = {
  id: 136_817_688,
  is_bot: true,
  first_name: 'Channel',
  username: 'Channel_Bot',
};
export const serviceAccount: User = { id: 777_000, is_bot: false, first_name: 'Telegram' };

/** The bot as messages show it, without the fields that only getMe has. */
export function botAsUser(world: World): User {
  const { id, is_bot, first_name, username } = world.bot;
  return { id, is_bot, first_name, username };
}

export function seconds(clock: PlatformClock): number {
  return Math.floor(clock.now() / 1000);
}
