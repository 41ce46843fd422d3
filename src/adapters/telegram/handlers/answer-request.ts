/** Answers one request: gets the reply from the conversation, stores it, and delivers it. */

import type { Admission, Conversation, PhotoPost } from '../../../chat/conversation.ts';
import { createPostLimit, incomingPhotos } from '../../kit/incoming-photos.ts';
import type { Download } from '../api/download.ts';
import type { Deliver } from '../sending/deliver.ts';
import type { CallbackQueryRequest, CommandRequest, PhotoRequest, Request } from '../updates/request.ts';
import type { CallbackQueryHandler } from './callback-query-handler.ts';
import type { ShowAction } from './chat-action.ts';
import type { CommandHandler } from './command-handler.ts';
import type { Answer, Inbox, StoredAnswer } from './inbox.ts';
import type { Origins } from './origin.ts';

export interface RequestAnswerer {
  /** Undefined for posted photos that are not answered. */
  admit(request: PhotoRequest): Promise<Admission | undefined>;
  answer(updates: readonly number[], request: Request, options: AnswerOptions): Promise<void>;
  /** Delivers what is still missing of a stored answer. */
  deliver(updates: readonly number[], request: Request, answer: StoredAnswer): Promise<void>;
}

export interface AnswerOptions {
  /** Whether the chat already shows that the request is being worked on. */
  readonly hasIndicator: boolean;
  /** What `admit` returned for this request. Default: the request is admitted now. */
  readonly admission: Admission | undefined;
}

export interface RequestAnswererDependencies {
  readonly conversation: Pick<Conversation, 'admit' | 'post'>;
  readonly commandHandler: CommandHandler;
  readonly handleCallbackQuery: CallbackQueryHandler;
  readonly origins: Origins;
  readonly download: Download;
  readonly deliver: Deliver;
  readonly inbox: Inbox;
  readonly showAction: ShowAction;
}

export function createRequestAnswerer(dependencies: RequestAnswererDependencies): RequestAnswerer {
  const { conversation, commandHandler, handleCallbackQuery, origins, download, deliver, inbox, showAction } =
    dependencies;
  const postLimit = createPostLimit();

  function postOf(request: PhotoRequest): PhotoPost {
    const { album, message, trigger, photos, filter, garment, again } = request;
    return {
      origin: origins.of(request),
      message: album === undefined ? String(message) : `album ${album}`,
      trigger,
      photos: incomingPhotos(photos, download),
      ...(filter && { filter }),
      ...(garment && { garment }),
      ...(again === true && { again }),
    };
  }

  async function answerPhotos(
    updates: readonly number[],
    request: PhotoRequest,
    { hasIndicator, admission }: AnswerOptions,
  ): Promise<void> {
    const post = postOf(request);
    const admitted = admission ?? (await conversation.admit(post));
    if (!admitted) return;
    const stopAction = hasIndicator ? undefined : showAction(request, 'upload_photo');
    try {
      const reply = await postLimit(() => conversation.post(post, admitted));
      if (reply) await storeAndDeliver(updates, request, { reply, replaces: [] });
    } finally {
      stopAction?.();
    }
  }

  async function answerCommand(updates: readonly number[], request: CommandRequest): Promise<void> {
    const stopAction = showAction(request, 'typing');
    try {
      const reply = await commandHandler.run(request);
      stopAction();
      await storeAndDeliver(updates, request, { reply, replaces: [] });
    } finally {
      stopAction();
    }
  }

  async function answerCallbackQuery(
    updates: readonly number[],
    request: CallbackQueryRequest,
  ): Promise<void> {
    const outcome = await handleCallbackQuery(request);
    if (outcome?.kind === 'delete') await deliver.remove(request);
    if (outcome?.kind === 'reply') {
      await storeAndDeliver(updates, request, { reply: outcome.reply, replaces: [] });
    }
    if (outcome?.kind === 'replace') {
      const { reply } = outcome;
      const replaces = await deliver.edit(request, reply, () => inbox.done(updates));
      if (replaces) await storeAndDeliver(updates, request, { reply, replaces });
    }
  }

  async function storeAndDeliver(
    updates: readonly number[],
    request: Request,
    answer: Answer,
  ): Promise<void> {
    const deliveryLog = await inbox.replied(updates, request, answer);
    await deliverStored(updates, request, { ...answer, deliveryLog });
  }

  async function deliverStored(
    updates: readonly number[],
    request: Request,
    answer: StoredAnswer,
  ): Promise<void> {
    // The reply to a running command has buttons of its own, and there is nothing left to choose.
    const { updates: states, buttons } = answer.reply;
    const offersChoices = request.kind === 'command' && !states && !buttons?.length;
    await deliver.send(request, {
      ...answer,
      extraButtons: offersChoices ? commandHandler.choices(request) : [],
      onSent: () => inbox.done(updates, answer.deliveryLog),
    });
  }

  return {
    admit: (request) => conversation.admit(postOf(request)),
    deliver: deliverStored,
    answer(updates, request, options) {
      switch (request.kind) {
        case 'photos':
          return answerPhotos(updates, request, options);
        case 'command':
          return answerCommand(updates, request);
        case 'press':
          return answerCallbackQuery(updates, request);
      }
    },
  };
}
