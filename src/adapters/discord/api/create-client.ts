/** discord.js's client as this door wants it: small caches, nobody pinged, its rate limits counted, its crashes contained. */

import {
  Client,
  type ClientOptions,
  Events,
  GatewayIntentBits,
  type IIdentifyThrottler,
  Options,
  Partials,
  RESTEvents,
} from 'discord.js';
import type { Logger } from '../../../util/logger.ts';
import type { DiscordMetrics } from '../../../metrics/discord-metrics.ts';
import { reasonOf } from './failure.ts';
import { createSteadyShards } from './steady-shards.ts';
import type { Fleet } from './login-pace.ts';

export interface ClientDependencies {
  readonly apiUrl: string | undefined;
  readonly shards: number | 'auto';
  readonly messageContent: boolean;
  readonly pace: (fleet: Fleet) => IIdentifyThrottler;
  readonly metrics: DiscordMetrics;
  readonly logger: Pick<Logger, 'warn' | 'error' | 'debug'>;
}

/** Not logged in. */
export function createClient(dependencies: ClientDependencies): Client {
  const { apiUrl, shards, messageContent, pace, logger } = dependencies;
  const client = new Client({
    intents: [
      GatewayIntentBits.Guilds,
      GatewayIntentBits.GuildMessages,
      GatewayIntentBits.DirectMessages,
      ...(messageContent ? [GatewayIntentBits.MessageContent] : []),
    ],
    // Without it no direct message ever arrives.
    partials: [Partials.Channel],
    allowedMentions: { parse: [], repliedUser: false },
    ...(shards === 'auto' ? { shards } : { shardCount: shards }),
    waitGuildTimeout: 5000,
    ...CACHES,
    ws: {
      buildStrategy: (manager) => createSteadyShards(manager, logger),
      async buildIdentifyThrottler(manager) {
        const { session_start_limit: limit } = await manager.fetchGatewayInformation();
        return pace({ concurrency: limit.max_concurrency, shards: await manager.getShardCount() });
      },
    },
    rest: { ...(apiUrl !== undefined && { api: apiUrl }), invalidRequestWarningInterval: 1 },
  });
  count(client, dependencies);
  containMalformedEvents(client, dependencies);
  client.on(Events.Error, (error) => {
    logger.error({ reason: reasonOf(error) }, 'the Discord client failed at something');
  });
  client.on(Events.ShardError, (error, shard) => {
    // What ends the door is told once, by whoever hears of it with its code.
    if (/^(Authentication failed|Used |Invalid shard|Sharding)/.test(error.message)) return;
    logger.warn({ shard, reason: reasonOf(error) }, 'a connection to Discord failed');
  });
  client.on(Events.ShardReconnecting, (shard) => {
    logger.debug({ shard }, 'a connection to Discord is made anew');
  });
  return client;
}

// --- Internal helpers ---

/** What was said is never asked for again, and members come with each event. */
const CACHES: Pick<ClientOptions, 'makeCache' | 'sweepers'> = {
  makeCache: Options.cacheWithLimits({
    ...Options.DefaultMakeCacheSettings,
    // A reply's event brings the message replied to, which is read from here at once.
    MessageManager: 5,
    GuildMemberManager: { maxSize: 20, keepOverLimit: ({ id, client }) => id === client.user.id },
    UserManager: { maxSize: 200, keepOverLimit: ({ id, client }) => id === client.user.id },
    ApplicationCommandManager: 0,
    AutoModerationRuleManager: 0,
    BaseGuildEmojiManager: 0,
    DMMessageManager: 5,
    EntitlementManager: 0,
    GuildBanManager: 0,
    GuildEmojiManager: 0,
    GuildInviteManager: 0,
    GuildScheduledEventManager: 0,
    GuildStickerManager: 0,
    PresenceManager: 0,
    ReactionManager: 0,
    ReactionUserManager: 0,
    StageInstanceManager: 0,
    ThreadMemberManager: 0,
    VoiceStateManager: 0,
  }),
  sweepers: {
    ...Options.DefaultSweeperSettings,
    messages: { interval: 300, lifetime: 600 },
  },
};

const WARN_EVERY = 1000;

function count(client: Client, { metrics, logger }: ClientDependencies): void {
  client.rest.on(RESTEvents.Response, ({ method, route }, { status, headers }) => {
    metrics.call(method, route, status);
    if (status === 429) metrics.limited('refused', route, Number(headers.get('retry-after') ?? 0));
  });
  client.rest.on(RESTEvents.RateLimited, ({ route, retryAfter }) => {
    metrics.limited('queued', route, Math.max(0, retryAfter) / 1000);
  });
  client.rest.on(RESTEvents.InvalidRequestWarning, ({ count: refused, remainingTime }) => {
    metrics.invalidRequest();
    if (refused % WARN_EVERY !== 0) return;
    logger.warn(
      { refused, seconds: Math.ceil(remainingTime / 1000) },
      'Discord refused many requests; at 10,000 in ten minutes it bans this address',
    );
  });
}

/**
 * discord.js 14.28 throws at an event that is not formed as it expects (an interaction without `resolved`), from a place where
 * nobody catches it, and the process would end. The method is its own and not documented; a test holds that this works.
 */
function containMalformedEvents(client: Client, { metrics, logger }: ClientDependencies): void {
  const manager = client.ws as unknown as { handlePacket(packet?: { t?: string }, shard?: unknown): boolean };
  const handle = manager.handlePacket.bind(manager);
  manager.handlePacket = (packet, shard) => {
    try {
      return handle(packet, shard);
    } catch (error) {
      metrics.event('malformed');
      logger.warn(
        { event: packet?.t, reason: reasonOf(error) },
        'expected an event of Discord, got something else; it is left out',
      );
      return true;
    }
  };
}
