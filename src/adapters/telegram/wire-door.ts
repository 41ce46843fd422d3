/** Creates the parts of the Telegram door for one bot, and resumes what an earlier process did not finish. */

import type { Catalogue } from '../../catalogue/catalogue.ts';
import type { PictureStore } from '../../catalogue/picture-store.ts';
import type { Conversation } from '../../chat/conversation.ts';
import { type Store, sweepExpired } from '../../store/store.ts';
import type { Clock } from '../../util/clock.ts';
import { ClosedError } from '../../util/errors.ts';
import type { Logger } from '../../util/logger.ts';
import { createUnreachablePlaces } from '../kit/unreachable-places.ts';
import type { BotApi } from './api/bot-api.ts';
import { createDownload } from './api/download.ts';
import type { Bot } from './api/find-bot.ts';
import type { TelegramMetrics } from '../../metrics/telegram-metrics.ts';
import { createRequestAnswerer } from './handlers/answer-request.ts';
import { createCallbackQueryHandler } from './handlers/callback-query-handler.ts';
import { createShowAction } from './handlers/chat-action.ts';
import { createCommandHandler } from './handlers/command-handler.ts';
import { createDispatcher } from './handlers/dispatcher.ts';
import { createInbox, type StoredUpdate } from './handlers/inbox.ts';
import { createOrigins, DOOR } from './handlers/origin.ts';
import { createReceiveUpdate } from './handlers/receive-update.ts';
import { createDeliver } from './sending/deliver.ts';
import { createItemPictures } from './sending/item-pictures.ts';
import { createMessageIds } from './sending/message-ids.ts';
import { createOutbox } from './sending/outbox.ts';
import { createSendPictures } from './sending/send-pictures.ts';
import { createSendReply } from './sending/send-reply.ts';
import type { ReceiveUpdate } from './updates/update-source.ts';

export interface WiredDoor {
  readonly receive: ReceiveUpdate;
  /** Resolves when nothing is being worked on. @returns how many requests are left for the next start. */
  finish(): Promise<number>;
  /** Deletes what has expired. */
  readonly sweep: () => Promise<void>;
}

export interface WireDoorDependencies {
  readonly api: BotApi;
  readonly bot: Bot;
  readonly conversation: Conversation;
  readonly catalogue: Pick<Catalogue, 'getMany'>;
  readonly pictures: Pick<PictureStore, 'read'>;
  readonly store: Pick<Store, 'namespace'>;
  readonly admins: readonly string[];
  /** Whether the operator runs the Bot API server. */
  readonly isSelfHosted: boolean;
  readonly maxPhotoBytes: number;
  readonly photoSide: number;
  readonly metrics: Pick<TelegramMetrics, 'update'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborted when the door gives up waiting. */
  readonly signal: AbortSignal;
}

export async function wireDoor(dependencies: WireDoorDependencies): Promise<WiredDoor> {
  const { api, bot, conversation, store, photoSide, metrics, clock, logger, signal } = dependencies;
  const botId = bot.id;
  const ids = createMessageIds();
  const unreachable = createUnreachablePlaces(logger);
  const inbox = createInbox(store.namespace<StoredUpdate>('telegram-updates'), botId);
  const otherMessages = store.namespace<readonly number[]>('telegram-replies');

  async function onMoved(from: number, to: number): Promise<void> {
    outbox.moved(from, to);
    logger.info({ from, to }, 'a group became a supergroup; its mode moves along');
    await conversation.moved(DOOR, String(from), String(to));
  }

  const outbox = createOutbox({
    api,
    clock,
    ids,
    logger,
    // If the conversation is closed, the update about it stays unconfirmed and is delivered again.
    onMoved: (from, to) =>
      onMoved(from, to).catch((error: unknown) => {
        if (!(error instanceof ClosedError)) throw error;
      }),
    signal,
  });
  const itemPictures = createItemPictures({
    catalogue: dependencies.catalogue,
    pictures: dependencies.pictures,
    botId,
    store: store.namespace<string>('telegram-files'),
  });
  const sendReply = createSendReply({ sendPictures: createSendPictures({ itemPictures }), logger });
  const deliver = createDeliver({ outbox, sendReply, otherMessages, botId, logger });
  const origins = createOrigins({ api, clock, admins: dependencies.admins, logger, signal });
  const commandHandler = createCommandHandler({ conversation, origins, bot });
  const showAction = createShowAction({ api, clock });
  const handleCallbackQuery = createCallbackQueryHandler({
    api,
    clock,
    conversation,
    commandHandler,
    origins,
    outbox,
    showAction,
    logger,
    signal,
  });
  const download = createDownload({
    api,
    clock,
    maxBytes: dependencies.maxPhotoBytes,
    isSelfHosted: dependencies.isSelfHosted,
    logger,
  });
  const answerer = createRequestAnswerer({
    conversation,
    commandHandler,
    handleCallbackQuery,
    origins,
    download,
    deliver,
    inbox,
    showAction,
  });
  const dispatcher = createDispatcher({ answerer, inbox, showAction, unreachable, clock, logger });

  const { unfinished, parts } = await inbox.load();
  for (const part of parts.flatMap((states) => Object.values(states))) {
    if (part.state === 'sent') for (const id of part.ids) ids.seen(part.chat, id);
  }
  if (unfinished.length > 0) {
    logger.info({ requests: unfinished.length }, 'resuming the requests that an earlier run did not finish');
  }
  for (const request of unfinished) dispatcher.resume(request);

  return {
    receive: createReceiveUpdate({
      conversation,
      self: bot,
      photoSide,
      inbox,
      dispatcher,
      ids,
      unreachable,
      onMoved,
      metrics,
      logger,
    }),
    async sweep() {
      await inbox.sweep();
      await sweepExpired(otherMessages);
    },
    finish: () => dispatcher.finish(),
  };
}
