/** The Telegram door: photos and commands in direct messages, groups, topics and channels; albums and buttons back. */

import { setMaxListeners } from 'node:events';
import type { Clock } from '../../util/clock.ts';
import { systemClock } from '../../util/clock.ts';
import type { Conversation } from '../../chat/conversation.ts';
import { firstWithin } from '../../util/with-timeout.ts';
import { ClosedError, messageOf } from '../../util/errors.ts';
import type { Catalogue } from '../../catalogue/catalogue.ts';
import type { PictureStore } from '../../catalogue/picture-store.ts';
import type { Logger } from '../../util/logger.ts';
import type { Store } from '../../store/store.ts';
import type { Adapter } from '../adapter.ts';
import { keepAlive } from '../kit/keep-alive.ts';
import { createBotApi } from './api/bot-api.ts';
import { type Bot, findBot, switchWebhook } from './api/open-connection.ts';
import { DOOR } from './handlers/origin.ts';
import { type Intake, startPolling } from './updates/poll-updates.ts';
import type { TelegramMetrics } from '../../metrics/telegram-metrics.ts';
import { publishCommands } from './api/publish-commands.ts';
import { serveWebhook, type WebhookSettings } from './updates/serve-webhook.ts';
import { wireDoor, type WiredDoor } from './wire-door.ts';

export interface TelegramSettings {
  /** From @BotFather. Never logged. */
  readonly token: string;
  /** A Bot API server of one's own; its files come from it, too. Default: Telegram's. */
  readonly apiUrl?: string | undefined;
  /** Ids of people who are moderators in their own chat with the bot. */
  readonly admins: readonly string[];
  /** Have updates pushed instead of asking for them. */
  readonly webhook?: WebhookSettings | undefined;
}

export interface TelegramAdapterDependencies {
  readonly conversation: Conversation;
  readonly catalogue: Pick<Catalogue, 'getMany'>;
  readonly pictures: Pick<PictureStore, 'read'>;
  /** The embedded one: keeps what is not answered yet, and Telegram's ids of uploaded pictures. */
  readonly store: Pick<Store, 'namespace'>;
  readonly settings: TelegramSettings;
  /** Bytes of a photo at most. */
  readonly maxPhotoBytes: number;
  /** Pixels of the model's square input: of a photo, the smallest size that is large enough for it is downloaded. */
  readonly photoSide: number;
  readonly metrics: TelegramMetrics;
  readonly logger: Logger;
  /** Default: the system's. */
  readonly clock?: Clock;
}

const TELEGRAM_URL = 'https://api.telegram.org';
/** `start()` waits so long for Telegram; afterwards the other doors open and this one goes on trying. */
const START_PATIENCE_MS = 10_000;
/** `stop()` waits so long for answers to be sent; what is left is sent after the next start. */
const STOP_PATIENCE_MS = 7_000;
const SWEEP_MS = 60 * 60 * 1000;

/** `start()` throws `OperatorError` when Telegram does not know the token, or the webhook cannot be set up. */
export function createTelegramAdapter(dependencies: TelegramAdapterDependencies): Adapter {
  const { settings, metrics, store, clock = systemClock, conversation } = dependencies;
  const logger = dependencies.logger.child({ door: DOOR });
  const { token, admins, webhook } = settings;
  const api = createBotApi({
    token,
    apiUrl: settings.apiUrl ?? TELEGRAM_URL,
    count: (method, outcome) => {
      metrics.call(method, outcome);
    },
  });
  const stopping = new AbortController();
  const givingUp = new AbortController();
  // Every call and every wait in progress listens; that many listeners are no leak.
  setMaxListeners(0, stopping.signal, givingUp.signal);
  const background = new Set<Promise<void>>();
  let door: WiredDoor | undefined;
  let intake: Intake | undefined;
  let stopped: Promise<void> | undefined;

  async function open(): Promise<void> {
    const connection = { api, clock, logger, signal: stopping.signal };
    const bot = await findBot(connection);
    const parts = { ...dependencies, clock, logger, api, bot, signal: givingUp.signal };
    door = await wireDoor(parts);
    const { receive } = door;
    if (!webhook) await switchWebhook(connection, undefined);
    if (stopping.signal.aborted) return;
    intake = webhook
      ? await serveWebhook({ settings: webhook, receive, logger })
      : startPolling({ api, clock, receive, logger });
    if (webhook) await switchWebhook(connection, webhook);
    tell(bot);
    inBackground(async () => {
      const commands = conversation.commands();
      const signal = stopping.signal;
      const published = store.namespace<string>('telegram-commands');
      await publishCommands({
        api,
        clock,
        commands,
        admins,
        botId: bot.id,
        store: published,
        logger,
        signal,
      });
    });
    inBackground(sweep);
  }

  function tell({ username, seesAllMessages }: Bot): void {
    logger.info(
      { bot: username, intake: webhook ? 'webhook' : 'polling', privacyMode: !seesAllMessages },
      seesAllMessages
        ? 'Telegram is open'
        : 'Telegram is open; privacy mode is on, so /mode auto works only in groups where the bot is an administrator',
    );
  }

  async function sweep(): Promise<void> {
    const { signal } = stopping;
    for (;;) {
      await clock.wait(SWEEP_MS, signal);
      if (signal.aborted) return;
      await door?.sweep();
    }
  }

  function inBackground(work: () => Promise<void>): void {
    const working = work()
      .catch((error: unknown) => {
        if (!(error instanceof ClosedError))
          logger.error({ reason: messageOf(error) }, 'work at the side failed');
      })
      .finally(() => background.delete(working));
    background.add(working);
  }

  async function stop(): Promise<void> {
    stopping.abort();
    await keepAlive(finish);
  }

  async function finish(): Promise<void> {
    await intake?.stop();
    const finished = new AbortController();
    void clock.wait(STOP_PATIENCE_MS, finished.signal).then(() => {
      givingUp.abort();
    });
    const left = (await door?.finish()) ?? 0;
    finished.abort();
    givingUp.abort();
    await Promise.all(background);
    if (left > 0) logger.warn({ left }, 'requests are not answered yet; the next start takes them up');
  }

  return {
    name: DOOR,

    async start() {
      const opening = open().then(
        () => true,
        (error: unknown) => {
          if (!stopping.signal.aborted) throw error;
          return true;
        },
      );
      if (await firstWithin(opening, START_PATIENCE_MS, clock)) return;
      logger.warn('Telegram cannot be reached; this door opens as soon as it can');
      inBackground(async () => {
        await opening;
      });
    },

    stop: () => (stopped ??= stop()),
  };
}
