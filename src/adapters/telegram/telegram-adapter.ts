/** The Telegram door: photos and commands come from private chats, groups, topics and channels; albums and buttons go back. */

import type { Catalogue } from '../../catalogue/catalogue.ts';
import type { PictureStore } from '../../catalogue/picture-store.ts';
import type { Conversation } from '../../chat/conversation.ts';
import type { Store } from '../../store/store.ts';
import { type Clock, systemClock } from '../../util/clock.ts';
import { messageOf } from '../../util/errors.ts';
import type { Logger } from '../../util/logger.ts';
import type { Adapter } from '../adapter.ts';
import { createLifeCycle } from '../kit/life-cycle.ts';
import { createBotApi } from './api/bot-api.ts';
import { type Bot, findBot } from './api/find-bot.ts';
import type { TelegramMetrics } from '../../metrics/telegram-metrics.ts';
import { publishCommands } from './api/publish-commands.ts';
import { DOOR } from './handlers/origin.ts';
import { startPolling } from './updates/poll-updates.ts';
import { serveWebhook, type WebhookSettings } from './updates/serve-webhook.ts';
import { switchWebhook } from './updates/switch-webhook.ts';
import type { UpdateSource } from './updates/update-source.ts';
import { wireDoor, type WiredDoor } from './wire-door.ts';

export interface TelegramSettings {
  /** From @BotFather. Never logged. */
  readonly token: string;
  /** A Bot API server that the operator runs. Files are downloaded from it too. Default: Telegram's. */
  readonly apiUrl?: string | undefined;
  /** Ids of people who are moderators in their own chat with the bot. */
  readonly admins: readonly string[];
  /** Have Telegram push updates instead of polling for them. */
  readonly webhook?: WebhookSettings | undefined;
}

export interface TelegramAdapterDependencies {
  readonly conversation: Conversation;
  readonly catalogue: Pick<Catalogue, 'getMany'>;
  readonly pictures: Pick<PictureStore, 'read'>;
  /** The embedded store: keeps requests that are not answered yet, and Telegram's ids of uploaded pictures. */
  readonly store: Pick<Store, 'namespace'>;
  readonly settings: TelegramSettings;
  /** Largest photo in bytes. */
  readonly maxPhotoBytes: number;
  /** Pixels of the model's square input. The smallest size of a photo that is large enough for it is downloaded. */
  readonly photoSide: number;
  readonly metrics: TelegramMetrics;
  readonly logger: Logger;
  /** Default: the system's. */
  readonly clock?: Clock;
}

const TELEGRAM_URL = 'https://api.telegram.org';
/** `stop()` waits this long for answers to be sent. What is left is sent after the next start. */
const STOP_PATIENCE_MS = 7_000;
const SWEEP_MS = 60 * 60 * 1000;

/** `start()` throws `OperatorError` when Telegram does not know the token, or the webhook cannot be set up. */
export function createTelegramAdapter({
  conversation,
  catalogue,
  pictures,
  store,
  settings,
  maxPhotoBytes,
  photoSide,
  metrics,
  logger: parentLogger,
  clock = systemClock,
}: TelegramAdapterDependencies): Adapter {
  const logger = parentLogger.child({ door: DOOR });
  const { token, apiUrl, admins, webhook } = settings;
  const api = createBotApi({
    token,
    apiUrl: apiUrl ?? TELEGRAM_URL,
    count: (method, outcome) => {
      metrics.call(method, outcome);
    },
  });
  let door: WiredDoor | undefined;
  let updates: UpdateSource | undefined;

  function logOpen({ username, seesAllMessages }: Bot): void {
    logger.info(
      { bot: username, updates: webhook ? 'webhook' : 'polling', privacyMode: !seesAllMessages },
      seesAllMessages
        ? 'Telegram is open'
        : 'Telegram is open; privacy mode is on, so /mode auto works only in groups where the bot is an administrator',
    );
  }

  return createLifeCycle({
    name: DOOR,
    platform: 'Telegram',
    clock,
    logger,
    reasonOf: messageOf,
    stopPatienceMs: STOP_PATIENCE_MS,
    unfinishedMessage: 'some requests are not answered yet; the next start resumes them',

    async open({ signals, inBackground, repeat }) {
      const signal = signals.stopping;
      const connection = { api, clock, logger, signal };
      const bot = await findBot(connection);
      door = await wireDoor({
        api,
        bot,
        conversation,
        catalogue,
        pictures,
        store,
        admins,
        isSelfHosted: apiUrl !== undefined,
        maxPhotoBytes,
        photoSide,
        metrics,
        clock,
        logger,
        signal: signals.outOfTime,
      });
      const { receive, sweep } = door;
      // Polling and a webhook exclude each other.
      if (!webhook) await switchWebhook(connection, undefined);
      if (signal.aborted) return;
      updates = webhook
        ? await serveWebhook({ settings: webhook, receive, logger })
        : startPolling({ api, clock, receive, logger });
      if (webhook) await switchWebhook(connection, webhook);
      logOpen(bot);
      inBackground(() =>
        publishCommands({
          api,
          clock,
          commands: conversation.commands(),
          admins,
          botId: bot.id,
          store: store.namespace<string>('telegram-commands'),
          logger,
          signal,
        }),
      );
      repeat(sweep, { everyMs: SWEEP_MS, atOnce: false });
    },

    async finish() {
      await updates?.stop();
      return (await door?.finish()) ?? 0;
    },
  });
}
