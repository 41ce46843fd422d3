/** Puts the door's parts together for one bot, and takes up what an earlier process left. */

import { ClosedError } from '../../errors.ts';
import type { Clock } from '../../chat/clock.ts';
import { createUnreachablePlaces } from '../../chat/unreachable-places.ts';
import type { Logger } from '../../logger.ts';
import { sweepExpired } from '../../store/store.ts';
import type { BotApi } from './api/bot-api.ts';
import { createShowAction } from './desk/chat-action.ts';
import { createCommanding } from './desk/commanding.ts';
import { createDeliver } from './replies/deliver.ts';
import { createDesk } from './desk/desk.ts';
import { createDownload } from './api/download.ts';
import { createInbox, type StoredUpdate } from './intake/inbox.ts';
import { createItemPictures } from './replies/item-pictures.ts';
import { createMessageIds } from './outbox/message-ids.ts';
import type { Bot } from './api/open-connection.ts';
import { createOrigins, DOOR } from './desk/origin.ts';
import { createOutbox } from './outbox/outbox.ts';
import { createPressButton } from './desk/press-button.ts';
import { createReceiveUpdate, type ReceiveUpdate } from './intake/receive-update.ts';
import { createSendPictures } from './replies/send-pictures.ts';
import { createSendReply } from './replies/send-reply.ts';
import type { TelegramAdapterDependencies } from './telegram-adapter.ts';

export interface Workshop {
  readonly receive: ReceiveUpdate;
  /** Resolves when nothing is worked on: with how many requests are left for the next start. */
  finish(): Promise<number>;
  /** Deletes what has expired. */
  sweep(): Promise<void>;
}

export interface WorkshopDependencies extends TelegramAdapterDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly api: BotApi;
  readonly bot: Bot;
  /** Aborted when the door gives up waiting. */
  readonly signal: AbortSignal;
}

export async function createWorkshop(dependencies: WorkshopDependencies): Promise<Workshop> {
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
  const commanding = createCommanding({ conversation, origins, bot });
  const showAction = createShowAction(dependencies);
  const pressButton = createPressButton({ ...dependencies, commanding, origins, outbox, showAction });
  const download = createDownload({
    ...dependencies,
    maxBytes: dependencies.maxPhotoBytes,
    isSelfHosted: settings.apiUrl !== undefined,
  });
  const parts = { ...dependencies, commanding, pressButton, origins, download, deliver, inbox, showAction };
  const desk = createDesk({ ...parts, unreachable });

  const { open, sent } = await inbox.leftovers();
  for (const piece of sent.flatMap((pieces) => Object.values(pieces))) {
    if (piece.state === 'sent') for (const id of piece.ids) ids.seen(piece.chat, id);
  }
  if (open.length > 0) logger.info({ open: open.length }, 'requests of an earlier run are taken up');
  for (const leftover of open) desk.takeUp(leftover);

  return {
    receive: createReceiveUpdate({ ...dependencies, self: bot, inbox, desk, ids, unreachable, onMoved }),
    async sweep() {
      await inbox.sweep();
      await sweepExpired(replies);
    },
    finish: () => desk.finish(),
  };
}
