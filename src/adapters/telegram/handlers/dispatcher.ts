/** Takes requests, has them answered at the same time within limits, and sees each through to its one reply. */

import pLimit from 'p-limit';
import type { Clock } from '../../../util/clock.ts';
import type { Admission, Conversation, PhotoPost } from '../../../chat/conversation.ts';
import type { Unreachable, UnreachablePlaces } from '../../kit/unreachable-places.ts';
import { ClosedError } from '../../../util/errors.ts';
import type { Logger } from '../../../util/logger.ts';
import { createAlbumBuffer } from '../updates/album-buffer.ts';
import { CallError } from '../api/call-error.ts';
import type { ShowAction } from './chat-action.ts';
import type { CommandHandler } from './command-handler.ts';
import type { Deliver } from '../sending/deliver.ts';
import type { Download } from '../api/download.ts';
import type { Answer, Inbox, Leftover } from '../updates/inbox.ts';
import type { Origins } from './origin.ts';
import type { CallbackQueryHandler } from './callback-query-handler.ts';
import type { PhotoRequest, Request } from '../updates/request.ts';
import type { DeliveryLog } from '../sending/delivery-log.ts';

export interface Dispatcher {
  /** Returns at once. */
  take(update: number, request: Request, admission?: Admission): void;
  /** Goes on with what an earlier process left. Returns at once. */
  takeUp(leftover: Leftover): void;
  /** Undefined when a photo that is merely posted is not answered. */
  admit(request: PhotoRequest): Promise<Admission | undefined>;
  /** Resolves when nothing is worked on: with how many are left for the next start, albums that still come in among them. */
  finish(): Promise<number>;
}

export interface DispatcherDependencies {
  readonly conversation: Pick<Conversation, 'admit' | 'post'>;
  readonly commandHandler: CommandHandler;
  readonly handleCallbackQuery: CallbackQueryHandler;
  readonly origins: Origins;
  readonly download: Download;
  readonly deliver: Deliver;
  readonly inbox: Inbox;
  readonly showAction: ShowAction;
  readonly unreachable: UnreachablePlaces;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'error' | 'warn'>;
}

/** Posts looked at side by side: at most four photos each, so that the conversation's own queue has room for two such doors. */
const POSTS_AT_ONCE = 12;

export function createDispatcher(dependencies: DispatcherDependencies): Dispatcher {
  const {
    conversation,
    commandHandler,
    handleCallbackQuery,
    origins,
    download,
    deliver,
    inbox,
    showAction,
    unreachable,
  } = dependencies;
  const { clock, logger } = dependencies;
  const inSlot = pLimit(POSTS_AT_ONCE);
  const open = new Set<Promise<void>>();
  let left = 0;
  /** Of albums that are still being gathered: ends what is shown meanwhile. */
  const shown = new Map<string, () => void>();
  const albums = createAlbumBuffer({
    clock,
    onAlbum(updates, request) {
      begin(updates, request);
    },
  });

  function postOf(request: PhotoRequest): PhotoPost {
    const { album, message, trigger, photos, filter, again } = request;
    return {
      origin: origins.of(request),
      message: album === undefined ? String(message) : `album ${album}`,
      trigger,
      photos: photos.map((photo) => ({
        spoiler: photo.spoiler,
        read: (signal) => download(photo, signal),
      })),
      ...(filter && { filter }),
      ...(again === true && { again }),
    };
  }

  async function answerPhotos(
    updates: readonly number[],
    request: PhotoRequest,
    admitted?: Admission,
  ): Promise<void> {
    const post = postOf(request);
    const admission = admitted ?? (await conversation.admit(post));
    if (!admission) return;
    const isShown = request.album !== undefined && shown.has(request.album);
    const stop = isShown ? undefined : showAction(request, 'upload_photo');
    try {
      const reply = await inSlot(() => conversation.post(post, admission));
      if (reply) await send(updates, request, { reply, replaces: [] });
    } finally {
      stop?.();
    }
  }

  async function send(updates: readonly number[], request: Request, answer: Answer): Promise<void> {
    const deliveryLog = await inbox.replied(updates, request, answer);
    await goOnSending(updates, request, { ...answer, deliveryLog });
  }

  async function goOnSending(
    updates: readonly number[],
    request: Request,
    answer: Answer & { readonly deliveryLog: DeliveryLog },
  ): Promise<void> {
    // A command that is under way has buttons of its own, and nothing left to choose.
    const asks = request.kind === 'command' && !answer.reply.updates && !answer.reply.buttons?.length;
    await deliver.send(request, {
      ...answer,
      extraButtons: asks ? commandHandler.choices(request) : [],
      onSent: () => inbox.done(updates, answer.deliveryLog),
    });
  }

  async function answer(updates: readonly number[], request: Request, admission?: Admission): Promise<void> {
    switch (request.kind) {
      case 'photos':
        await answerPhotos(updates, request, admission);
        return;
      case 'command': {
        const stop = showAction(request, 'typing');
        try {
          const reply = await commandHandler.run(request);
          stop();
          await send(updates, request, { reply, replaces: [] });
        } finally {
          stop();
        }
        return;
      }
      case 'press': {
        const outcome = await handleCallbackQuery(request);
        if (outcome?.kind === 'delete') await deliver.remove(request);
        if (outcome?.kind === 'reply') await send(updates, request, { reply: outcome.reply, replaces: [] });
        if (outcome?.kind === 'replace') {
          const { reply } = outcome;
          const replaces = await deliver.edit(request, reply, () => inbox.done(updates));
          if (replaces) await send(updates, request, { reply, replaces });
        }
      }
    }
  }

  async function work(
    updates: readonly number[],
    request: Request,
    answered?: Leftover['answer'],
    admission?: Admission,
  ): Promise<void> {
    try {
      if (answered) {
        await goOnSending(updates, request, answered);
      } else {
        await answer(updates, request, admission);
        await inbox.done(updates);
      }
    } catch (error) {
      // Either way it stays in the inbox, and the next start takes it up where it is.
      if (error instanceof ClosedError || (error instanceof CallError && error.failure === 'stopped')) {
        left++;
        return;
      }
      if (error instanceof CallError) unreachable.report(unreachableChat(request.chat, error));
      else logger.error({ err: error, kind: request.kind }, 'a request could not be answered');
      await inbox.done(updates).catch((failure: unknown) => {
        logger.error({ err: failure }, 'a request could not be marked as done');
      });
    }
  }

  function begin(
    updates: readonly number[],
    request: Request,
    answered?: Leftover['answer'],
    admission?: Admission,
  ): void {
    const working = work(updates, request, answered, admission).finally(() => {
      open.delete(working);
      if (request.kind !== 'photos' || request.album === undefined) return;
      shown.get(request.album)?.();
      shown.delete(request.album);
    });
    open.add(working);
  }

  return {
    take(update, request, admission) {
      const album = request.kind === 'photos' ? request.album : undefined;
      if (request.kind !== 'photos' || album === undefined) {
        begin([update], request, undefined, admission);
        return;
      }
      // Gathering takes longer than a person should wait for a sign.
      if (!shown.has(album) && request.trigger !== 'posted') {
        shown.set(album, showAction(request, 'upload_photo'));
      }
      albums.add(album, { update, request });
    },
    takeUp({ update, request, answer: answered }) {
      if (answered) begin([update], request, answered);
      else this.take(update, request.kind === 'photos' ? { ...request, again: true } : request);
    },
    admit: (request) => conversation.admit(postOf(request)),
    async finish() {
      // Their other photos may be confirmed by the next process only, which then answers all of them.
      left += albums.leave();
      for (const stop of shown.values()) stop();
      while (open.size > 0) await Promise.all(open);
      return left;
    },
  };
}

// --- Internal helpers ---

function unreachableChat(chat: number, error: CallError): Unreachable {
  return {
    place: String(chat),
    shown: chat < 0 ? String(chat) : 'private',
    reason: error.message,
    cause: error.failure === 'refused' ? error.description : undefined,
  };
}
