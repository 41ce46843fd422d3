/** A strict fake of Discord on this machine, with REST API, gateway and attachments. Unmodified clients can log in to it. */

import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { type APIApplicationCommand, GatewayIntentBits, Locale } from 'discord-api-types/v10';
import type { Download } from './attachments.ts';
import { createGuild } from './builder.ts';
import type { FakeChannel, FakeGuild } from './fake-types.ts';
import { createJumpingClock, type MovableClock } from '../clock.ts';
import { createIds } from './ids.ts';
import { type Faults, createFaults } from './faults.ts';
import { type GatewayControl, createGateway, newToken } from './gateway.ts';
import { BUCKETS, type Buckets, type Limits, limitsWith } from './limits.ts';
import { type SeenInteraction, type SeenMessage, seeInteraction, seeMessage } from './observe.ts';
import { createUser } from './people.ts';
import type { FakeUser, UserOptions } from './fake-types.ts';
import type { PermissionName } from './permissions.ts';
import { createRateLimiter } from './rate-limit.ts';
import { commandsOf } from './routes/commands.ts';
import { type LoggedCall, startServer } from './server.ts';
import { createSimulation } from './simulation.ts';
import type { World } from './state.ts';
import { type WaitFor, createWaitFor } from './wait-for.ts';

export interface FakeDiscordOptions {
  /** Privileged intents that are switched on in the developer portal; none by default. */
  readonly privilegedIntents?: readonly ('MessageContent' | 'GuildMembers' | 'GuildPresences')[];
  /** Replaces numbers of the limits table. */
  readonly limits?: Partial<Limits>;
  /** Replaces buckets, or switches all request limits off. */
  readonly rateLimits?: Partial<Buckets> | 'off';
  readonly clock?: MovableClock;
  /** What the gateway recommends. */
  readonly shards?: number;
  /** False lets go of the bytes the application uploads (their size stays known), for long soaks. */
  readonly keepUploads?: boolean;
  /**
   * Whether a message that mentions the application shows the content of the message it replies to without the intent.
   * Discord documents no answer; `own-rule` (each message by itself, so: hidden) is the stricter one and the default.
   */
  readonly showReferenced?: 'own-rule' | 'with-mention';
}

export interface FakeDiscord {
  /** The REST base without a version: `rest.api` of the client, `DISCORD_API_URL` of the product. */
  readonly url: string;
  /** The token that works now. */
  readonly token: string;
  readonly applicationId: string;
  readonly clock: MovableClock;
  readonly limits: Limits;
  readonly faults: Faults;
  readonly gateway: GatewayControl;
  /** Every REST request, oldest first. */
  readonly calls: readonly LoggedCall[];
  readonly downloads: readonly Download[];
  readonly bot: BotView;
  guild(name: string, options?: { locale?: Locale; botPermissions?: readonly PermissionName[] }): FakeGuild;
  user(name: string, options?: UserOptions): FakeUser;
  /** Delivers the event of a message or interaction once more, as Discord may. */
  duplicateDelivery(target: SeenMessage | SeenInteraction): void;
  readonly waitFor: WaitFor;
  /** Refused requests (401, 403, 429) of the last ten minutes. */
  invalidRequests(): number;
  /** The records behind it all, for the renderer. */
  readonly world: World;
  /** @throws {AggregateError} when the fake itself failed, so that a test cannot take that for Discord's doing. */
  stop(): Promise<void>;
}

/** What the application has done. */
export interface BotView {
  /** The application's messages in a channel, oldest first. Deleted messages are included only on request. */
  messagesIn(channel: FakeChannel, options?: { deleted?: boolean }): readonly SeenMessage[];
  /** Its direct messages to a person. */
  directMessages(user: FakeUser): readonly SeenMessage[];
  /** All its messages that still stand. */
  messages(): readonly SeenMessage[];
  commands(guild?: FakeGuild): readonly APIApplicationCommand[];
  interactionState(id: string): SeenInteraction;
}

/**
 * ```ts
 * const fake = await startFakeDiscord({ privilegedIntents: ['MessageContent'] });
 * const channel = fake.guild('Boutique').textChannel('outfits');
 * // ... start the bot with DISCORD_API_URL = fake.url and DISCORD_TOKEN = fake.token ...
 * await ana.post(channel, { files: [{ name: 'look.jpg', bytes }] });
 * const answer = await fake.waitFor('the answer', () => fake.bot.messagesIn(channel)[0]);
 * ```
 */
export async function startFakeDiscord(options: FakeDiscordOptions = {}): Promise<FakeDiscord> {
  const clock = options.clock ?? createJumpingClock();
  const changes = new EventEmitter().setMaxListeners(0);
  const limits = limitsWith(options.limits);
  const nextId = createIds(clock);
  const applicationId = nextId();
  const world: World = {
    clock,
    limits,
    nextId,
    origin: '',
    application: {
      id: applicationId,
      name: 'Fashion Finder',
      privilegedIntents: (options.privilegedIntents ?? []).reduce<number>(
        (bits, name) => bits | GatewayIntentBits[name],
        0,
      ),
      token: newToken(applicationId),
    },
    showReferenced: options.showReferenced ?? 'own-rule',
    keepUploads: options.keepUploads ?? true,
    signingKey: randomBytes(32).toString('hex'),
    users: new Map(),
    guilds: new Map(),
    channels: new Map(),
    messages: new Map(),
    files: new Map(),
    interactions: new Map(),
    commands: new Map(),
    commandCreates: new Map(),
    dispatch(event) {
      gateway.dispatch(event);
    },
    changed() {
      changes.emit('change');
    },
  };
  world.users.set(applicationId, {
    id: applicationId,
    name: world.application.name,
    bot: true,
    webhook: false,
    locale: Locale.EnglishUS,
    openToDirectMessages: true,
  });
  const gateway = createGateway(world);
  const faults = createFaults();
  const buckets = options.rateLimits === 'off' ? null : { ...BUCKETS, ...options.rateLimits };
  const rateLimiter = createRateLimiter(clock, limits, buckets);
  const simulation = createSimulation(world);
  const calls: LoggedCall[] = [];
  const downloads: Download[] = [];
  const server = await startServer({
    world,
    gateway,
    faults,
    rateLimiter,
    shards: options.shards ?? 1,
    logCall: (call) => calls.push(call),
    logDownload: (download) => downloads.push(download),
  });
  const written = (keep: (message: SeenMessage) => boolean): SeenMessage[] => {
    return [...world.messages.values()]
      .filter((message) => message.authorId === applicationId)
      .map((message) => seeMessage(world, message.id))
      .filter(keep);
  };

  return {
    url: `${world.origin}/api`,
    get token() {
      return world.application.token;
    },
    applicationId,
    clock,
    limits,
    faults,
    gateway,
    calls,
    downloads,
    bot: {
      messagesIn: (channel, { deleted = false } = {}) =>
        written((message) => message.channelId === channel.id && (deleted || !message.deleted)),
      directMessages: (user) =>
        written(
          (message) => world.channels.get(message.channelId)?.recipientId === user.id && !message.deleted,
        ),
      messages: () => written((message) => !message.deleted),
      commands: (guild) => commandsOf(world, guild?.id ?? null),
      interactionState: (id) => seeInteraction(world, id),
    },
    guild: (name, more) => createGuild(world, simulation, name, more),
    user: (name, more = {}) => createUser(world, simulation, name, more),
    duplicateDelivery: (target) => {
      simulation.duplicateDelivery(target);
    },
    waitFor: createWaitFor(changes),
    invalidRequests: () => rateLimiter.invalidRequests(),
    world,
    stop: async () => server.stop(),
  };
}
