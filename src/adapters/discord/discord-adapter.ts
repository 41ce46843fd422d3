/** The Discord door: photos and commands in channels, threads and direct messages; galleries with buttons back. */

import { setMaxListeners } from 'node:events';
import { type Client, Events } from 'discord.js';
import { type Clock, systemClock } from '../../util/clock.ts';
import type { Conversation } from '../../chat/conversation.ts';
import { firstWithin } from '../../util/with-timeout.ts';
import { ClosedError, OperatorError } from '../../util/errors.ts';
import type { Catalogue } from '../../catalogue/catalogue.ts';
import type { PictureStore } from '../../catalogue/picture-store.ts';
import type { Logger } from '../../util/logger.ts';
import type { Store } from '../../store/store.ts';
import type { Adapter } from '../adapter.ts';
import { keepAlive } from '../kit/keep-alive.ts';
import { closeError, connect, destroy } from './api/connect.ts';
import { createClient } from './api/create-client.ts';
import { reasonOf } from './api/failure.ts';
import { createLoginPace } from './api/login-pace.ts';
import { DOOR } from './handlers/origin.ts';
import type { DiscordMetrics } from '../../metrics/discord-metrics.ts';
import { wireDoor, type WiredDoor } from './wire-door.ts';

export interface DiscordSettings {
  /** From the developer portal. Never logged. */
  readonly token: string;
  /** REST base without version, for example `http://127.0.0.1:3000/api`; its host is Discord's own for downloads. Default: Discord's. */
  readonly apiUrl?: string | undefined;
  /** The one guild that commands are registered on; undefined: everywhere. */
  readonly guildId?: string | undefined;
  /** Ids of roles whose members are moderators, besides those with Manage Server. */
  readonly moderatorRoles: readonly string[];
  /** Connections that share the guilds between them; `auto`: as many as Discord recommends. */
  readonly shards: number | 'auto';
  /** Whether to ask for the privileged intent that shows photos which are merely posted. */
  readonly messageContent: boolean;
}

export interface DiscordAdapterDependencies {
  readonly conversation: Conversation;
  readonly catalogue: Pick<Catalogue, 'getMany'>;
  readonly pictures: Pick<PictureStore, 'read'>;
  /** The embedded one: keeps what was registered and when the bot logged in. */
  readonly store: Pick<Store, 'namespace'>;
  readonly settings: DiscordSettings;
  /** Bytes of a photo at most. */
  readonly maxPhotoBytes: number;
  readonly metrics: DiscordMetrics;
  readonly logger: Logger;
  /** Default: the system's. */
  readonly clock?: Clock;
}

/** `start()` waits so long for Discord; afterwards the other doors open and this one goes on trying. */
const START_PATIENCE_MS = 10_000;
/** `stop()` waits so long for answers to be sent; who waits longer is told. */
const STOP_PATIENCE_MS = 6_000;
/** What can be chosen in a command follows the inventory, which may change without this door. */
const PUBLISH_MS = 10 * 60 * 1000;

/** `start()` throws `OperatorError` when Discord does not know the token, or an intent is not switched on. */
export function createDiscordAdapter(dependencies: DiscordAdapterDependencies): Adapter {
  const { settings, metrics, store, clock = systemClock } = dependencies;
  const logger = dependencies.logger.child({ door: DOOR });
  const { token, apiUrl, shards, messageContent } = settings;
  const stopping = new AbortController();
  const givingUp = new AbortController();
  // Every call and every wait in progress listens; that many listeners are no leak.
  setMaxListeners(0, stopping.signal, givingUp.signal);
  const pace = createLoginPace({
    store: store.namespace<readonly number[]>('discord-logins'),
    applicationId: applicationIdOf(token),
    clock,
    logger,
  });
  const background = new Set<Promise<void>>();
  let client: Client<true> | undefined;
  let door: WiredDoor | undefined;
  let opening: Promise<void> | undefined;
  let stopped: Promise<void> | undefined;

  async function open(): Promise<void> {
    const clients = { apiUrl, shards, messageContent, pace, metrics, logger };
    const connection = { token, clock, logger, signal: stopping.signal };
    client = await connect({ ...connection, createClient: () => createClient(clients) });
    if (!client) return;
    watch(client);
    door = wireDoor({ ...dependencies, clock, logger, client, signal: givingUp.signal });
    logger.info(
      { bot: client.user.username, shards: client.ws.shards.size, messageContent },
      messageContent
        ? 'Discord is open'
        : 'Discord is open; without the Message Content Intent /mode auto is not on offer',
    );
    inBackground(publishNowAndThen);
  }

  /** Tells when Discord ends a connection for good: then this door is closed, and the others go on. */
  function watch(open: Client<true>): void {
    open.on(Events.ShardDisconnect, ({ code }, shard) => {
      const error = closeError(code);
      if (error) logger.error({ shard, code }, `Discord is closed. ${error.message}`);
    });
  }

  async function publishNowAndThen(): Promise<void> {
    const { signal } = stopping;
    while (!signal.aborted) {
      await door?.publish();
      await clock.wait(PUBLISH_MS, signal);
    }
  }

  function inBackground(work: () => Promise<void>): void {
    const working = work()
      .catch((error: unknown) => {
        if (error instanceof ClosedError) return;
        if (error instanceof OperatorError) logger.error(`Discord is closed. ${error.message}`);
        else logger.error({ reason: reasonOf(error) }, 'work at the side failed');
      })
      .finally(() => background.delete(working));
    background.add(working);
  }

  async function stop(): Promise<void> {
    stopping.abort();
    await keepAlive(finish);
  }

  async function finish(): Promise<void> {
    const finished = new AbortController();
    const patience = new AbortController();
    void clock.wait(STOP_PATIENCE_MS, finished.signal).then(() => {
      patience.abort();
    });
    await opening?.catch(() => undefined);
    const left = (await door?.finish(patience.signal)) ?? 0;
    finished.abort();
    givingUp.abort();
    if (client) await destroy(client, clock);
    await Promise.all(background);
    if (left > 0)
      logger.warn({ left }, 'requests could not be finished; people were told where that was possible');
  }

  return {
    name: DOOR,

    async start() {
      opening = open();
      const opened = opening.then(() => true);
      if (await firstWithin(opened, START_PATIENCE_MS, clock)) return;
      logger.warn('Discord cannot be reached; this door opens as soon as it can');
      inBackground(async () => {
        await opened;
      });
    },

    stop: () => (stopped ??= stop()),
  };
}

// --- Internal helpers ---

/** The first part of a token is the id of its bot, which is no secret. */
function applicationIdOf(token: string): string {
  return Buffer.from(token.split('.')[0] ?? '', 'base64')
    .toString('latin1')
    .replace(/\D/g, '');
}
