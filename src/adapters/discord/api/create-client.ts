/** The discord.js client with this door's settings: small caches, no mentions, counted rate limits, contained crashes. */

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
import { redactedReason } from './failure.ts';
import type { ShardCounts } from './login-throttle.ts';
import type { DiscordMetrics } from '../../../metrics/discord-metrics.ts';
import { createShardingStrategy } from './sharding-strategy.ts';

export interface ClientDependencies {
  readonly apiUrl: string | undefined;
  readonly shards: number | 'auto';
  readonly messageContent: boolean;
  readonly throttleLogins: (counts: ShardCounts) => IIdentifyThrottler;
  readonly metrics: DiscordMetrics;
  readonly logger: Pick<Logger, 'warn' | 'error' | 'debug'>;
}

/** Not logged in. */
export function createClient(dependencies: ClientDependencies): Client {
  const { apiUrl, shards, messageContent, throttleLogins, logger } = dependencies;
  const client = new Client({
    intents: [
      GatewayIntentBits.Guilds,
      GatewayIntentBits.GuildMessages,
      GatewayIntentBits.DirectMessages,
      ...(messageContent ? [GatewayIntentBits.MessageContent] : []),
    ],
    // Without it no direct message arrives.
    partials: [Partials.Channel],
    allowedMentions: { parse: [], repliedUser: false },
    ...(shards === 'auto' ? { shards } : { shardCount: shards }),
    waitGuildTimeout: 5000,
    ...CACHES,
    ws: {
      buildStrategy: (manager) => createShardingStrategy(manager, logger),
      async buildIdentifyThrottler(manager) {
        const { session_start_limit: limit } = await manager.fetchGatewayInformation();
        return throttleLogins({ concurrency: limit.max_concurrency, shards: await manager.getShardCount() });
      },
    },
    rest: { ...(apiUrl !== undefined && { api: apiUrl }), invalidRequestWarningInterval: 1 },
  });
  countRequests(client, dependencies);
  containMalformedEvents(client, dependencies);
  client.on(Events.Error, (error) => {
    logger.error({ reason: redactedReason(error) }, 'the Discord client reported an error');
  });
  client.on(Events.ShardError, (error, shard) => {
    // Errors that close the door are logged with their code, where the shard disconnects.
    if (/^(Authentication failed|Used |Invalid shard|Sharding)/.test(error.message)) return;
    logger.warn({ shard, reason: redactedReason(error) }, 'a shard failed to connect to Discord');
  });
  client.on(Events.ShardReconnecting, (shard) => {
    logger.debug({ shard }, 'a shard reconnects to Discord');
  });
  return client;
}

// --- Internal helpers ---

/** Old messages are never needed again, and members come with each event. */
const CACHES: Pick<ClientOptions, 'makeCache' | 'sweepers'> = {
  makeCache: Options.cacheWithLimits({
    ...Options.DefaultMakeCacheSettings,
    // The event of a reply includes the message replied to, which is read from this cache at once.
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

function countRequests(client: Client, { metrics, logger }: ClientDependencies): void {
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
      'Discord refused many requests; after 10,000 in ten minutes it bans this address',
    );
  });
}

/**
 * At a malformed event (an interaction without `resolved`), discord.js 14.28 throws an error that nobody catches, and the process
 * would end. The method is private to the library; a test checks that this works.
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
        { event: packet?.t, reason: redactedReason(error) },
        'expected a valid event from Discord; a malformed one is ignored',
      );
      return true;
    }
  };
}
