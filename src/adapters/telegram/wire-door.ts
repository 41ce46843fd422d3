/** Puts the door's parts together for one bot, and takes up what an earlier process left. */

import { ClosedError } from '../../util/errors.ts';
import type { Clock } from '../../util/clock.ts';
import { createUnreachablePlaces } from '../kit/unreachable-places.ts';
import type { Logger } from '../../util/logger.ts';
import { sweepExpired } from '../../store/store.ts';
import type { BotApi } from './api/bot-api.ts';
import { createShowAction } from './handlers/chat-action.ts';
import { createCommandHandler } from './handlers/command-handler.ts';
import { createDeliver } from './sending/deliver.ts';
import { createDispatcher } from './handlers/dispatcher.ts';
import { createDownload } from './api/download.ts';
import { createInbox, type StoredUpdate } from './updates/inbox.ts';
import { createItemPictures } from './sending/item-pictures.ts';
import { createMessageIds } from './sending/message-ids.ts';
import type { Bot } from './api/open-connection.ts';
import { createOrigins, DOOR } from './handlers/origin.ts';
import { createOutbox } from './sending/outbox.ts';
import { createCallbackQueryHandler } from './handlers/callback-query-handler.ts';
import { createReceiveUpdate, type ReceiveUpdate } from './updates/receive-update.ts';
import { createSendPictures } from './sending/send-pictures.ts';
import { createSendReply } from './sending/send-reply.ts';
import type { TelegramAdapterDependencies } from './telegram-adapter.ts';

export interface WiredDoor {
  readonly receive: ReceiveUpdate;
  /** Resolves when nothing is worked on: with how many requests are left for the next start. */
  finish(): Promise<number>;
  /** Deletes what has expired. */
  sweep(): Promise<void>;
}

export interface WireDoorDependencies extends TelegramAdapterDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly api: BotApi;
  readonly bot: Bot;
  /** Aborted when the door gives up waiting. */
  readonly signal: AbortSignal;
}

export async function wireDoor(dependencies: WireDoorDependencies): Promise<WiredDoor> {
  const { conversation, store, settings, bot, logger } = dependencies;
  const botId = bot.id;
  const ids = createMessageIds();
  const unreachable = createUnreachablePlaces(logger);
  const inbox = createInbox(store.namespace<StoredUpdate>('telegram-updates'), botId);

  async function onMoved(from: number, to: number): Promise<void> {
    outbox.moved(from, to);
    logger.info({ from, to }, 'a group became a supergroup; its mode moves along');
    await conversation.moved(DOOR, String(from), String(to));
  }

  const outbox = createOutbox({
    ...dependencies,
    ids,
    // Telegram tells of it once more, in an update that is kept until the conversation takes it.
    onMoved: (from, to) =>
      onMoved(from, to).catch((error: unknown) => {
        if (!(error instanceof ClosedError)) throw error;
      }),
  });
  const itemPictures = createItemPictures({
    ...dependencies,
    botId,
    store: store.namespace<string>('telegram-files'),
  });
  const sendReply = createSendReply({ sendPictures: createSendPictures({ itemPictures }), logger });
  const replies = store.namespace<readonly number[]>('telegram-replies');
  const deliver = createDeliver({
    outbox,
    sendReply,
    parts: replies,
    botId,
    logger,
  });
  const origins = createOrigins({ ...dependencies, admins: settings.admins });
  const commandHandler = createCommandHandler({ conversation, origins, bot });
  const showAction = createShowAction(dependencies);
  const handleCallbackQuery = createCallbackQueryHandler({
    ...dependencies,
    commandHandler,
    origins,
    outbox,
    showAction,
  });
  const download = createDownload({
    ...dependencies,
    maxBytes: dependencies.maxPhotoBytes,
    isSelfHosted: settings.apiUrl !== undefined,
  });
  const parts = {
    ...dependencies,
    commandHandler,
    handleCallbackQuery,
    origins,
    download,
    deliver,
    inbox,
    showAction,
  };
  const dispatcher = createDispatcher({ ...parts, unreachable });

  const { open, sent } = await inbox.leftovers();
  for (const piece of sent.flatMap((pieces) => Object.values(pieces))) {
    if (piece.state === 'sent') for (const id of piece.ids) ids.seen(piece.chat, id);
  }
  if (open.length > 0) logger.info({ open: open.length }, 'requests of an earlier run are taken up');
  for (const leftover of open) dispatcher.takeUp(leftover);

  return {
    receive: createReceiveUpdate({
      ...dependencies,
      self: bot,
      inbox,
      dispatcher,
      ids,
      unreachable,
      onMoved,
    }),
    async sweep() {
      await inbox.sweep();
      await sweepExpired(replies);
    },
    finish: () => dispatcher.finish(),
  };
}
