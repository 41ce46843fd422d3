/** The scenarios' driver for Telegram: the real adapter, unmodified telegraf, the strict fake. */

import { setTimeout } from 'node:timers/promises';
import { pino } from 'pino';
import type { Adapter } from '../../../src/adapters/adapter.ts';
import {
  createTelegramAdapter,
  type TelegramSettings,
} from '../../../src/adapters/telegram/telegram-adapter.ts';
import type { MovableClock } from '../../fakes/clock.ts';
import type { FakeTelegramOptions } from '../../fakes/telegram/create-world.ts';
import type { SimulatedChat } from '../../fakes/telegram/simulation/simulated-chat.ts';
import type { SimulatedUser } from '../../fakes/telegram/simulation/simulated-user.ts';
import { startFakeTelegram, type FakeTelegram } from '../../fakes/telegram/start-fake-telegram.ts';
import type { Post as FakePost } from '../../fakes/telegram/world.ts';
import type {
  Answer,
  DoorBot,
  DoorDriver,
  Person,
  Photo,
  Post,
  PostOptions,
  ClickResult,
  Fault,
  Where,
} from '../../scenarios/door-driver.ts';
import { clockOf } from '../../test-clock.ts';
import { type CuttableLink, openLink } from '../cuttable-link.ts';
import { repliesIn, type TelegramReply } from './replies-in.ts';

export interface TelegramDriver extends DoorDriver {
  readonly fake: FakeTelegram;
  readonly group: SimulatedChat;
  userOf(person: Person): SimulatedUser;
  chatOf(where: Where, person: Person): SimulatedChat;
  /** How often each call had which outcome, for example `sendMessage done`. */
  readonly counts: ReadonlyMap<string, number>;
}

export interface TelegramDriverOptions {
  readonly fake?: FakeTelegramOptions;
  readonly settings?: Partial<TelegramSettings>;
  /** Wraps the store that the door uses. */
  readonly store?: (store: DoorBot['store']) => DoorBot['store'];
  /** The clock of the platform and of the door. Default: the system clock. */
  readonly clock?: MovableClock;
}

const WRONG_TOKEN = '7000000001:AAThisTokenIsOfNobodyAtAll-000000001';

export async function openTelegramDoor(
  bot: DoorBot,
  options: TelegramDriverOptions = {},
): Promise<TelegramDriver> {
  // Privacy mode is off, so that photos that are merely posted reach the bot, as auto mode needs.
  const fake = await startFakeTelegram({
    privacyMode: false,
    ...(options.clock && { clock: options.clock }),
    ...options.fake,
  });
  const group = fake.supergroup({ title: 'Street style' });
  const users = new Map<string, SimulatedUser>();
  const posts = new Map<Post, FakePost>();
  const lines: string[] = [];
  const counts = new Map<string, number>();
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  let running: { adapter: Adapter; link: CuttableLink } | undefined;
  const links: CuttableLink[] = [];

  const userOf = ({ name }: Person): SimulatedUser => {
    const user = users.get(name);
    if (!user) throw new Error(`there is no person ${name}`);
    return user;
  };
  const chatOf = (where: Where, person: Person): SimulatedChat =>
    where === 'group' ? group : userOf(person).privateChat;
  const fakePostOf = (post: Post): FakePost => {
    const found = posts.get(post);
    if (!found) throw new Error('this post was not made by the driver');
    return found;
  };
  const remember = (author: Person, where: Where, fakePost: FakePost): Post => {
    const post = { author, where };
    posts.set(post, fakePost);
    return post;
  };
  const latest = (person: Person, { id }: Answer): TelegramReply => {
    const chats = [group, userOf(person).privateChat];
    const found = chats.flatMap((chat) => repliesIn(fake, chat)).find((reply) => reply.id === id);
    if (!found) throw new Error(`there is no reply ${id}`);
    return found;
  };
  const count = (name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1);

  async function click(person: Person, answer: Answer, label: string): Promise<ClickResult> {
    const click = userOf(person).click(latest(person, answer).main, label);
    const { text } = await fake.waitFor(() => click.answer, `an answer to the click on ${label}`);
    return { notice: text === '' ? undefined : text };
  }

  return {
    door: 'telegram',
    fake,
    group,
    userOf,
    chatOf,
    counts,

    person(name, { moderator = false, language = 'en' } = {}) {
      const user = fake.user({ firstName: name, languageCode: language });
      users.set(name, user);
      group.add(user, moderator ? 'administrator' : 'member');
      return { name };
    },

    async post(author, where, photos, postOptions = {}) {
      const sent = await postPhotos(userOf(author), chatOf(where, author), photos, {
        ...postOptions,
        name: fake.bot.user.username ?? '',
      });
      return remember(author, where, sent);
    },
    say: async (author, where, text) =>
      Promise.resolve(remember(author, where, userOf(author).sendText(chatOf(where, author), text))),
    find: async (author, about) => replyWith(author, about, '/find'),
    async findGarment(author, { bytes }, garment) {
      await userOf(author).sendPhoto(group, bytes, { caption: `/find ${garment}` });
    },
    mentionInReply: async (author, about) => replyWith(author, about, `@${fake.bot.user.username ?? ''}`),
    command: async (author, where, name, argument = '') =>
      Promise.resolve(
        remember(
          author,
          where,
          userOf(author).sendText(chatOf(where, author), `/${name} ${argument}`.trim()),
        ),
      ),

    click,
    async clickTwice(person, answer, label) {
      return Promise.all([click(person, answer, label), click(person, answer, label)]);
    },
    async choose(person, answer, list, option) {
      const { main } = latest(person, answer);
      await click(person, answer, `${list} ▾`);
      const buttons = (): string[] =>
        (main.message.reply_markup?.inline_keyboard ?? []).flat().map(({ text }) => text);
      await fake.waitFor(() => buttons().includes(option), `the options of ${list}`);
      await click(person, answer, option);
    },

    answer: (where, author, n) =>
      fake.waitFor(() => repliesIn(fake, chatOf(where, author))[n - 1], `reply ${n} in ${where}`),
    answers: (where, author) => repliesIn(fake, chatOf(where, author)),
    async acknowledged(where, author) {
      const chat = chatOf(where, author);
      await fake.waitFor(
        () => fake.bot.actionsIn(chat).some(({ until }) => until > fake.clock.now()),
        'a chat action',
      );
    },
    async until(holds, what) {
      // Polls, because the bot's own state changes without an event.
      const end = Date.now() + 50_000;
      while (!holds()) {
        if (Date.now() > end) await fake.waitFor(() => false, what, 1);
        await setTimeout(10);
      }
    },

    failNext(fault, times) {
      fake.faults.schedule('*', faultOf(fault), {
        times,
        afterEffect: fault.kind === 'response-lost',
        when: ({ fields, files }) =>
          files.size > 0 || ['text', 'media', 'photo', 'caption'].some((name) => fields.has(name)),
      });
    },
    get faultsLeft() {
      return fake.faults.left;
    },
    get attempts() {
      return fake.calls.filter(({ method }) => /^(?:send(?:Message|Photo|MediaGroup)|edit)/.test(method))
        .length;
    },
    async remove(post) {
      userOf(post.author).remove(fakePostOf(post));
      return Promise.resolve();
    },
    silenceBot() {
      group.setBot('member', { mayNot: ['messages', 'photos', 'documents', 'other'] });
    },
    keepsRequests: true,
    async deliverAgain(post) {
      fake.deliverAgain(fakePostOf(post));
      return Promise.resolve();
    },

    async start(setupFault) {
      const link = await openLink(fake.url);
      const token = setupFault === 'bad-token' ? WRONG_TOKEN : fake.token;
      const adapter = createTelegramAdapter({
        conversation: bot.conversation,
        catalogue: bot.catalogue,
        pictures: bot.pictures,
        store: options.store?.(bot.store) ?? bot.store,
        settings: { token, apiUrl: link.url, admins: [], ...options.settings },
        maxPhotoBytes: bot.maxPhotoBytes,
        photoSide: bot.photoSide,
        metrics: {
          call: (method, outcome) => {
            count(`${method} ${outcome}`);
          },
          update: (outcome) => {
            count(`update ${outcome}`);
          },
        },
        logger,
        ...(options.clock && { clock: clockOf(options.clock) }),
      });
      links.push(link);
      running = { adapter, link };
      await adapter.start();
    },
    async stop() {
      await running?.adapter.stop();
    },
    async crash() {
      const old = running;
      running = undefined;
      bot.restart();
      await old?.link.cut();
      // Ends its loops. Not awaited, because nothing that it sends arrives any more and the stop may never finish.
      void old?.adapter.stop();
    },
    async close() {
      await running?.adapter.stop();
      await Promise.all(links.map((link) => link.cut()));
      await fake.close();
    },

    logLines: lines,
    secrets: () => [fake.token, fake.token.split(':')[1] ?? '', WRONG_TOKEN, '/file/bot', 'photos/file_'],
  };

  async function replyWith(author: Person, about: Post, text: string): Promise<Post> {
    const chat = chatOf(about.where, about.author);
    const sent = userOf(author).sendText(chat, text, { replyTo: fakePostOf(about) });
    return Promise.resolve(remember(author, about.where, sent));
  }
}

// --- Internal helpers ---

async function postPhotos(
  user: SimulatedUser,
  chat: SimulatedChat,
  photos: readonly Photo[],
  {
    spoiler = false,
    mention = false,
    forwarded = false,
    asFiles = false,
    name,
  }: PostOptions & { name: string },
): Promise<FakePost> {
  const caption = mention ? `@${name} what is this?` : '';
  const [first] = photos;
  if (!first) throw new Error('a post needs a photo');
  if (photos.length > 1) {
    const bytes = photos.map((photo) => photo.bytes);
    const [post] = await user.sendAlbum(chat, bytes, { caption, spoiler, asFiles });
    if (!post) throw new Error('the album is empty');
    return post;
  }
  if (asFiles) {
    return user.sendDocument(chat, first.bytes, { caption, fileName: first.name, mimeType: first.type });
  }
  if (forwarded) return user.forwardPhoto(chat, first.bytes, { caption, spoiler });
  return user.sendPhoto(chat, first.bytes, { caption, spoiler });
}

function faultOf(fault: Fault): Parameters<FakeTelegram['faults']['schedule']>[1] {
  switch (fault.kind) {
    case 'rate-limit':
      return { type: 'error', code: 429, retryAfter: fault.seconds };
    case 'server-error':
      return { type: 'error', code: 500 };
    default:
      return { type: 'drop' };
  }
}
