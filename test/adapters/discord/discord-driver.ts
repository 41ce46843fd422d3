/** The scenarios' driver for Discord: the real adapter, unmodified discord.js, the strict fake. */

import { setTimeout } from 'node:timers/promises';
import { ApplicationCommandOptionType, ApplicationCommandType, Locale } from 'discord-api-types/v10';
import { pino } from 'pino';
import type { Adapter } from '../../../src/adapters/adapter.ts';
import { createDiscordAdapter, type DiscordSettings } from '../../../src/adapters/discord/discord-adapter.ts';
import { type Clock, systemClock } from '../../../src/util/clock.ts';
import type { FakeChannel } from '../../fakes/discord/fake-types.ts';
import {
  type FakeDiscord,
  type FakeDiscordOptions,
  startFakeDiscord,
} from '../../fakes/discord/fake-discord.ts';
import type { SeenInteraction, SeenMessage } from '../../fakes/discord/observe.ts';
import type { FakeUser, Post as FakePost } from '../../fakes/discord/fake-types.ts';
import { directChannel } from '../../fakes/discord/routes/lookups.ts';
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
import { type CuttableLink, openLink } from '../cuttable-link.ts';
import { answerOf, repliesIn } from './replies-in.ts';

export interface DiscordDriver extends DoorDriver {
  readonly fake: FakeDiscord;
  readonly channel: FakeChannel;
  userOf(person: Person): FakeUser;
  channelOf(where: Where, person: Person): { readonly id: string };
}

export interface DiscordDriverOptions {
  readonly fake?: FakeDiscordOptions;
  readonly settings?: Partial<DiscordSettings>;
}

/** Has the form of a token, but belongs to no application. */
const WRONG_TOKEN = 'MTAwMDAwMDAwMDAwMDAwMDAx.Gwrong.ThisTokenIsOfNobodyAtAll0000000000000000';
/** Discord allows one login every five seconds, so a restarted door has to come later than that. */
const BETWEEN_LOGINS_MS = 6000;
const LOCALES: Readonly<Record<string, Locale>> = {
  en: Locale.EnglishUS,
  es: Locale.SpanishES,
  de: Locale.German,
  fr: Locale.French,
  hi: Locale.Hindi,
  ja: Locale.Japanese,
};

export async function openDiscordDoor(
  bot: DoorBot,
  options: DiscordDriverOptions = {},
): Promise<DiscordDriver> {
  // The intent is on, so that photos that are merely posted reach the bot, as auto mode needs.
  const fake = await startFakeDiscord({ privilegedIntents: ['MessageContent'], ...options.fake });
  const { world } = fake;
  const origin = world.origin;
  const guild = fake.guild('Street style');
  const channel = guild.textChannel('outfits');
  const elsewhere = fake.guild('Elsewhere', { botPermissions: [] }).textChannel('views');
  const moderators = guild.role('Moderators', { permissions: ['ManageGuild'] });
  const stranger = elsewhere.webhook('Stranger');
  const users = new Map<string, FakeUser>();
  const posts = new Map<Post, SeenMessage | SeenInteraction>();
  const lines: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const clock: Clock = {
    now: () => fake.clock.now(),
    wait: (ms, signal) => systemClock.wait(ms, signal),
  };
  const links: CuttableLink[] = [];
  let running: { adapter: Adapter; link: CuttableLink } | undefined;

  const userOf = ({ name }: Person): FakeUser => {
    const user = users.get(name);
    if (!user) throw new Error(`there is no person ${name}`);
    return user;
  };
  const channelOf = (where: Where, person: Person): { readonly id: string } =>
    where === 'group' ? channel : directChannel(world, userOf(person).id);
  const targetOf = (post: Post): SeenMessage | SeenInteraction => {
    const found = posts.get(post);
    if (!found) throw new Error('this post was not made by the driver');
    return found;
  };
  const messageOf = (post: Post): SeenMessage => {
    const target = targetOf(post);
    if (!('components' in target)) throw new Error('this post is a command');
    return target;
  };
  const remember = (author: Person, where: Where, target: SeenMessage | SeenInteraction): Post => {
    const post = { author, where };
    posts.set(post, target);
    return post;
  };
  const write = async (author: Person, where: Where, post: FakePost): Promise<Post> => {
    const user = userOf(author);
    return remember(author, where, where === 'group' ? await user.post(channel, post) : await user.dm(post));
  };
  const latest = ({ id }: Answer): SeenMessage => {
    const found = fake.bot.messages().find((message) => message.id === id);
    if (!found) throw new Error(`there is no reply ${id}`);
    return found;
  };
  const command = (name: string, type: ApplicationCommandType) =>
    fake.waitFor(`the command ${name}`, () =>
      fake.bot.commands().find((one) => one.name === name && one.type === type),
    );

  async function resultOf(
    interaction: SeenInteraction,
    source: SeenMessage,
    before: number,
  ): Promise<ClickResult> {
    await fake.waitFor('an answer to the click', () => {
      if (interaction.acknowledgement !== 'deferred-update') return interaction.acknowledgement;
      // The click was acknowledged before its outcome was known. The outcome arrives in a later call.
      return interaction.followUps.length > 0 || source.deleted || source.edits.length > before;
    });
    const said = [interaction.response, ...interaction.followUps];
    const [notice] = said.filter((message) => message !== null && message.ephemeralTo !== null);
    return { notice: notice ? answerOf(fake, notice).text : undefined };
  }

  return {
    door: 'discord',
    fake,
    channel,
    userOf,
    channelOf,

    person(name, { moderator = false, language = 'en' } = {}) {
      const user = fake.user(name, { locale: LOCALES[language] ?? Locale.EnglishUS });
      users.set(name, user);
      guild.join(user, { roles: moderator ? [moderators] : [] });
      return { name };
    },

    async post(author, where, photos, postOptions = {}) {
      const files = photos.map((photo) => fileOf(photo, postOptions));
      const words =
        postOptions.mention === true ? { mention: ['bot'] as const, content: 'what is this?' } : {};
      if (postOptions.forwarded !== true) return write(author, where, { files, ...words });
      return write(author, where, { forwardOf: await stranger.post(elsewhere, { files }) });
    },
    say: (author, where, content) => write(author, where, { content }),
    async find(author, about) {
      await command('Find similar items', ApplicationCommandType.Message);
      const used = userOf(author).contextMenu('Find similar items', messageOf(about));
      return remember(author, about.where, used);
    },
    async findGarment(author, photo, garment) {
      await command('find', ApplicationCommandType.ChatInput);
      await userOf(author).slash('find', { photo: fileOf(photo, {}), garment }, { in: channel });
    },
    mentionInReply: (author, about) =>
      write(author, about.where, { replyTo: messageOf(about), mention: ['bot'] }),
    async command(author, where, name, argument) {
      const { options: known = [] } = await command(name, ApplicationCommandType.ChatInput);
      const option = known.find(({ type }) => type === ApplicationCommandOptionType.String)?.name ?? '';
      const used = await userOf(author).slash(name, argument === undefined ? {} : { [option]: argument }, {
        ...(where === 'group' && { in: channel }),
        // Admins of a server can show any command to anybody, so hiding a command does not protect it.
        evenIfHidden: true,
      });
      return remember(author, where, used);
    },

    async click(person, answer, label) {
      const source = latest(answer);
      const before = source.edits.length;
      return resultOf(userOf(person).click(source, label), source, before);
    },
    async clickTwice(person, answer, label) {
      const source = latest(answer);
      const before = source.edits.length;
      const both = [userOf(person).click(source, label), userOf(person).click(source, label)];
      return Promise.all(both.map((interaction) => resultOf(interaction, source, before)));
    },
    async choose(person, answer, list, option) {
      const source = latest(answer);
      const before = source.edits.length;
      const menu = source.selects.find((one) => nameOf(one) === list);
      const value = menu?.options.find(({ label }) => label === option)?.value;
      if (!menu || value === undefined) {
        throw new Error(
          `there is no ${option} in a list ${list}; there are ${source.selects.map(nameOf).join(', ')}`,
        );
      }
      await resultOf(userOf(person).select(source, menu.custom_id, [value]), source, before);
    },

    answer: (where, author, n) =>
      fake.waitFor(`reply ${n} in ${where}`, () => repliesIn(fake, channelOf(where, author))[n - 1]),
    answers: (where, author) => repliesIn(fake, channelOf(where, author)),
    async acknowledged(where, author) {
      const { id } = channelOf(where, author);
      await fake.waitFor(
        'a typing indicator or a deferred response',
        () =>
          fake.calls.some(({ route, ids }) => route === '/channels/:channel/typing' && ids.channel === id) ||
          fake.bot.messages().some(({ channelId, loading }) => channelId === id && loading),
      );
    },
    async until(holds, what) {
      // Polls, because the bot's own state changes without an event.
      const end = Date.now() + 50_000;
      while (!holds()) {
        if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
        await setTimeout(10);
      }
    },

    failNext(fault, times) {
      fake.faults.next(isMessageCall, faultOf(fault), times);
    },
    get faultsLeft() {
      return fake.faults.pending();
    },
    get attempts() {
      return fake.calls.filter(
        ({ method, route, ids }) => isMessageCall(method, route) || isAnswer(fake, route, ids),
      ).length;
    },
    async remove(post) {
      userOf(post.author).delete(messageOf(post));
      return Promise.resolve();
    },
    silenceBot() {
      channel.deny('bot', ['SendMessages']);
    },
    keepsRequests: false,
    async deliverAgain(post) {
      fake.duplicateDelivery(targetOf(post));
      return Promise.resolve();
    },

    async start(setupFault) {
      const link = await openLink(origin);
      // REST, gateway and attachments all use this link, so cutting it cuts them all.
      world.origin = link.url;
      if (links.length > 0) fake.clock.advance(BETWEEN_LOGINS_MS);
      const adapter = createDiscordAdapter({
        conversation: bot.conversation,
        catalogue: bot.catalogue,
        pictures: bot.pictures,
        store: bot.store,
        settings: {
          token: setupFault === 'bad-token' ? WRONG_TOKEN : fake.token,
          apiUrl: `${link.url}/api`,
          guildId: undefined,
          moderatorRoles: [],
          shards: 1,
          messageContent: true,
          ...options.settings,
        },
        maxPhotoBytes: bot.maxPhotoBytes,
        metrics: bot.metrics.discord,
        logger,
        clock,
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
      await fake.stop();
    },

    logLines: lines,
    secrets: () => [
      fake.token,
      fake.token.split('.')[2] ?? '',
      WRONG_TOKEN,
      '/attachments/',
      'hm=',
      ...[...world.interactions.values()].map(({ token }) => token),
    ],
  };
}

// --- Internal helpers ---

function fileOf({ name, bytes, type }: Photo, { spoiler = false, asFiles = false }: PostOptions) {
  // Of some uploads Discord does not say what they are.
  // Discord does not state the content type of some uploads.
  const hasNoType = asFiles && type.startsWith('image/');
  return { name, bytes, spoiler, contentType: hasNoType ? null : type };
}

function faultOf(fault: Fault): Parameters<FakeDiscord['faults']['next']>[1] {
  switch (fault.kind) {
    case 'rate-limit':
      return { kind: 'rate-limit', retryAfterSeconds: fault.seconds };
    case 'server-error':
      return { kind: 'status', status: 500 };
    case 'connection-cut':
      return { kind: 'drop', when: 'before' };
    case 'response-lost':
      return { kind: 'drop', when: 'after' };
  }
}

function isMessageCall(method: string, route: string): boolean {
  const isMessage = route.startsWith('/channels/:channel/messages') || route.startsWith('/webhooks/');
  return isMessage && (method === 'POST' || method === 'PATCH');
}

/** Whether the call is the first response to an interaction and shows a message, rather than only acknowledging. */
function isAnswer(fake: FakeDiscord, route: string, ids: Readonly<Record<string, string>>): boolean {
  if (!route.startsWith('/interactions/') || ids.interaction === undefined) return false;
  const kind = fake.world.interactions.get(ids.interaction)?.acknowledged?.kind;
  return kind === 'message' || kind === 'update';
}

/** A select menu shows the chosen option, or its placeholder. */
function nameOf({ options, placeholder }: SeenMessage['selects'][number]): string {
  return options.find((option) => option.default === true)?.label ?? placeholder ?? '';
}
