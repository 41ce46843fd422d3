/** A strict fake of Telegram on loopback: the Bot API for the bot, and people, chats and faults for tests. */
import { rmSync } from 'node:fs';
import type { BotCommand, User } from '@grammyjs/types';
import type { CallEntry } from './call-log.ts';
import type { Changes } from './changes.ts';
import { addChat, migrateGroup } from './chats.ts';
import type { PlatformClock } from '../clock.ts';
import { createWorld, type FakeTelegramOptions } from './create-world.ts';
import { dispatch } from './dispatch.ts';
import type { Faults } from './faults.ts';
import type { FileStore } from './file-store.ts';
import { startHttpServer } from './http-server.ts';
import { memberOf } from './members.ts';
import { fieldsOf } from './read-body.ts';
import { simulateChat, type SimulatedChat } from './simulation/simulated-chat.ts';
import { simulateUser, type SimulatedUser } from './simulation/simulated-user.ts';
import { transcribe, type BotMessage } from './transcript.ts';
import type { UpdateQueue } from './update-queue.ts';
import type { Webhook } from './webhook.ts';
import type { BotStatus, ChatAction, Post } from './world.ts';

export interface NewChat {
  title?: string;
  username?: string;
  members?: readonly SimulatedUser[];
  /** `member` by default, in a channel `administrator`. */
  botStatus?: BotStatus;
}

export interface FakeTelegram {
  /** For telegraf's `telegram: { apiRoot }`. */
  readonly url: string;
  readonly token: string;
  readonly bot: {
    readonly user: User;
    /** What the bot sent to a chat, oldest first, albums grouped. */
    messagesIn(chat: SimulatedChat): BotMessage[];
    /** Every chat action the bot showed there; those showing now have `until` in the future. */
    actionsIn(chat: SimulatedChat): readonly ChatAction[];
  };
  readonly clock: PlatformClock;
  /** Every call of the bot, oldest first; tokens never. */
  readonly calls: readonly CallEntry[];
  callsOf(method: string): readonly CallEntry[];
  readonly faults: Faults;
  readonly files: FileStore;
  readonly updates: UpdateQueue;
  readonly webhook: Webhook;
  /** What a URL given as `photo` or `document` leads to. */
  readonly webPages: Map<string, Buffer>;
  user(about?: { firstName?: string; username?: string; languageCode?: string }): SimulatedUser;
  group(about?: NewChat): SimulatedChat;
  supergroup(about?: NewChat): SimulatedChat;
  forum(about?: NewChat): SimulatedChat;
  channel(about?: NewChat): SimulatedChat;
  /** Turns a basic group into a supergroup. */
  migrate(group: SimulatedChat): SimulatedChat;
  /** Delivers the update of a message a second time, under its old id. */
  deliverAgain(post: Post): void;
  /** Queues something no Telegram would send, see `malformedUpdates`. */
  deliverMalformed(update: Readonly<Record<string, unknown>>): void;
  /** The commands a person's client offers in a chat. */
  commandsShownTo(user: SimulatedUser, chat: SimulatedChat): readonly BotCommand[];
  waitFor: Changes['waitFor'];
  close(): Promise<void>;
}

/** Updates that break naive handlers. */
export const malformedUpdates: readonly Readonly<Record<string, unknown>>[] = [
  {},
  { message: null },
  { message: {} },
  { message: 'text' },
  { message: { message_id: 1, date: 0, chat: null, from: null, text: '/start' } },
  { callback_query: { id: 5 } },
  { kind_of_the_future: { id: 1 } },
];

export async function startFakeTelegram(options: FakeTelegramOptions = {}): Promise<FakeTelegram> {
  const world = createWorld(options);
  world.webhook.onReply((fields) => {
    const { method, ...rest } = fields;
    const name = String(method);
    // Docs: a method that needs an answer, or that sets the webhook, is not run in answer to a push.
    if (/^(?:get|setwebhook|deletewebhook|close|logout)/i.test(name)) return;
    const parameters = { fields: fieldsOf(rest), files: new Map() };
    const entry = world.calls.begin(name, parameters);
    void dispatch(world, name, parameters, new AbortController().signal).then((outcome) => {
      world.calls.finish(entry, { status: 'answer' in outcome ? outcome.answer.code : 0 });
    });
  });
  const server = await startHttpServer(world);

  function newChat(kind: 'group' | 'supergroup' | 'channel', about: NewChat, forum = false): SimulatedChat {
    const id = world.next(kind === 'group' ? 'group' : 'supergroup');
    const { title = `A ${kind}`, username, members = [] } = about;
    const named = username === undefined ? {} : { username };
    const forumMark = forum ? { is_forum: true as const } : {};
    const record = addChat(
      world,
      kind === 'group'
        ? { id, type: kind, title }
        : kind === 'channel'
          ? { id, type: kind, title, ...named }
          : { id, type: kind, title, ...named, ...forumMark },
      about.botStatus ?? (kind === 'channel' ? 'administrator' : 'member'),
    );
    const chat = simulateChat(world, record);
    for (const member of members) chat.add(member);
    return chat;
  }

  return {
    url: server.url,
    token: world.token,
    bot: {
      user: world.bot,
      messagesIn: ({ record }) => transcribe(record),
      actionsIn: ({ record }) => record.actions,
    },
    clock: world.clock,
    calls: world.calls.entries,
    callsOf: (method) =>
      world.calls.entries.filter((entry) => entry.method.toLowerCase() === method.toLowerCase()),
    faults: world.faults,
    files: world.files,
    updates: world.queue,
    webhook: world.webhook,
    webPages: world.webPages,
    user({ firstName = 'Anna', username, languageCode = 'en' } = {}) {
      const user: User = {
        id: world.next('user'),
        is_bot: false,
        first_name: firstName,
        ...(username === undefined ? {} : { username }),
        language_code: languageCode,
      };
      world.users.set(user.id, user);
      return simulateUser(world, user);
    },
    group: (about = {}) => newChat('group', about),
    supergroup: (about = {}) => newChat('supergroup', about),
    forum: (about = {}) => newChat('supergroup', about, true),
    channel: (about = {}) => newChat('channel', about),
    migrate: ({ record }) => simulateChat(world, migrateGroup(world, record).record),
    deliverAgain({ updateId }) {
      if (updateId === undefined) throw new Error('the bot got no update about this message');
      world.queue.repeat(updateId);
    },
    deliverMalformed(update) {
      world.queue.pushRaw(update);
    },
    commandsShownTo: ({ user }, { record }) =>
      world.commands.shownTo(user, record.chat, memberOf(world, record, user.id)),
    waitFor: world.changes.waitFor,
    async close() {
      world.webhook.remove();
      await server.close();
      if (world.localFolder !== undefined) rmSync(world.localFolder, { recursive: true });
    },
  };
}
