/** The Discord door: photos and commands come from channels, threads and direct messages; galleries with buttons go back. */

import { type Client, Events } from 'discord.js';
import type { Catalogue } from '../../catalogue/catalogue.ts';
import type { PictureStore } from '../../catalogue/picture-store.ts';
import type { Conversation } from '../../chat/conversation.ts';
import type { Store } from '../../store/store.ts';
import { type Clock, systemClock } from '../../util/clock.ts';
import type { Logger } from '../../util/logger.ts';
import type { Adapter } from '../adapter.ts';
import { createLifeCycle } from '../kit/life-cycle.ts';
import { closeError, connect, destroy } from './api/connect.ts';
import { createClient } from './api/create-client.ts';
import { redactedReason } from './api/failure.ts';
import { createLoginThrottle } from './api/login-throttle.ts';
import type { DiscordMetrics } from '../../metrics/discord-metrics.ts';
import { DOOR } from './handlers/origin.ts';
import { wireDoor, type WiredDoor } from './wire-door.ts';

export interface DiscordSettings {
  /** From the developer portal. Never logged. */
  readonly token: string;
  /** Base of the REST API without version, for example `http://127.0.0.1:3000/api`. Photos may be downloaded from its host too. Default: Discord's. */
  readonly apiUrl?: string | undefined;
  /** The one guild that commands are registered on. Undefined: every guild. */
  readonly guildId?: string | undefined;
  /** Ids of roles whose members are moderators, in addition to those with Manage Server. */
  readonly moderatorRoles: readonly string[];
  /** Connections that share the guilds. `auto`: as many as Discord recommends. */
  readonly shards: number | 'auto';
  /** Whether to request the privileged intent that shows photos which are posted without naming the bot. */
  readonly messageContent: boolean;
}

export interface DiscordAdapterDependencies {
  readonly conversation: Conversation;
  readonly catalogue: Pick<Catalogue, 'getMany'>;
  readonly pictures: Pick<PictureStore, 'read'>;
  /** The embedded store: keeps which commands were registered, and when the bot logged in. */
  readonly store: Pick<Store, 'namespace'>;
  readonly settings: DiscordSettings;
  /** Largest photo in bytes. */
  readonly maxPhotoBytes: number;
  readonly metrics: DiscordMetrics;
  readonly logger: Logger;
  /** Default: the system's. */
  readonly clock?: Clock;
}

/** `stop()` waits this long for answers to be sent. People who are still waiting then get a message that says so. */
const STOP_PATIENCE_MS = 6_000;
/** The choices of a command follow the inventory, which may change without this door. */
const PUBLISH_MS = 10 * 60 * 1000;

/** `start()` throws `OperatorError` when Discord does not know the token, or an intent is not switched on. */
export function createDiscordAdapter({
  conversation,
  catalogue,
  pictures,
  store,
  settings,
  maxPhotoBytes,
  metrics,
  logger: parentLogger,
  clock = systemClock,
}: DiscordAdapterDependencies): Adapter {
  const logger = parentLogger.child({ door: DOOR });
  const { token, apiUrl, shards, messageContent } = settings;
  const throttleLogins = createLoginThrottle({
    store: store.namespace<readonly number[]>('discord-logins'),
    applicationId: applicationIdOf(token),
    clock,
    logger,
  });
  const clientOptions = { apiUrl, shards, messageContent, throttleLogins, metrics, logger };
  let client: Client<true> | undefined;
  let door: WiredDoor | undefined;

  return createLifeCycle({
    name: DOOR,
    platform: 'Discord',
    clock,
    logger,
    reasonOf: redactedReason,
    stopPatienceMs: STOP_PATIENCE_MS,
    unfinishedMessage:
      'some requests could not be finished; the people who sent them were notified where possible',

    async open({ signals, repeat }) {
      client = await connect({
        createClient: () => createClient(clientOptions),
        token,
        clock,
        logger,
        signal: signals.stopping,
      });
      logPermanentDisconnects(client, logger);
      door = wireDoor({
        client,
        conversation,
        catalogue,
        pictures,
        store,
        settings,
        maxPhotoBytes,
        metrics,
        clock,
        logger,
        signal: signals.closing,
      });
      logger.info(
        { bot: client.user.username, shards: client.ws.shards.size, messageContent },
        messageContent
          ? 'Discord is open'
          : 'Discord is open; /mode auto is not available without the Message Content Intent',
      );
      repeat(door.publishCommands, { everyMs: PUBLISH_MS, atOnce: true });
    },

    finish: async ({ outOfTime }) => (await door?.finish(outOfTime)) ?? 0,

    async close() {
      if (client) await destroy(client, clock);
    },
  });
}

// --- Internal helpers ---

/** When Discord closes a connection for good, this door is closed, and the others go on. */
function logPermanentDisconnects(client: Client<true>, logger: Pick<Logger, 'error'>): void {
  client.on(Events.ShardDisconnect, ({ code }, shard) => {
    const error = closeError(code);
    if (error) logger.error({ shard, code }, `Discord is closed. ${error.message}`);
  });
}

/** The first part of a token is the id of its bot, which is no secret. */
function applicationIdOf(token: string): string {
  return Buffer.from(token.split('.')[0] ?? '', 'base64')
    .toString('latin1')
    .replace(/\D/g, '');
}
