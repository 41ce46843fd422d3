/** Works on requests concurrently, and makes sure that each of them gets its one reply, in this process or the next. */

import type { Admission } from '../../../chat/conversation.ts';
import type { Clock } from '../../../util/clock.ts';
import { ClosedError } from '../../../util/errors.ts';
import type { Logger } from '../../../util/logger.ts';
import type { UnreachablePlace, UnreachablePlaces } from '../../kit/unreachable-places.ts';
import { CallError } from '../api/call-error.ts';
import { createAlbumBuffer } from '../updates/album-buffer.ts';
import type { PhotoRequest, Request } from '../updates/request.ts';
import type { RequestAnswerer } from './answer-request.ts';
import type { ShowAction } from './chat-action.ts';
import type { Inbox, StoredAnswer, UnfinishedRequest } from './inbox.ts';

export interface Dispatcher {
  /** Returns at once. @param admission what `admit` returned for this request, if it was asked. */
  dispatch(update: number, request: Request, admission?: Admission): void;
  /** Continues with a request that an earlier process did not finish. Returns at once. */
  resume(unfinished: UnfinishedRequest): void;
  /** Undefined for posted photos that are not answered. */
  admit(request: PhotoRequest): Promise<Admission | undefined>;
  /** Resolves when nothing is being worked on. @returns how many requests, incomplete albums included, are left for the next start. */
  finish(): Promise<number>;
}

export interface DispatcherDependencies {
  readonly answerer: RequestAnswerer;
  readonly inbox: Inbox;
  readonly showAction: ShowAction;
  readonly unreachable: UnreachablePlaces;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'error'>;
}

export function createDispatcher(dependencies: DispatcherDependencies): Dispatcher {
  const { answerer, inbox, showAction, unreachable, clock, logger } = dependencies;
  const open = new Set<Promise<void>>();
  let left = 0;
  /** Ends the chat action of an album that is not complete yet, or that is being worked on. */
  const albumActions = new Map<string, () => void>();
  const albums = createAlbumBuffer({
    clock,
    onAlbum(updates, request) {
      begin(updates, request);
    },
  });

  async function work(
    updates: readonly number[],
    request: Request,
    { stored, admission }: WorkOptions,
  ): Promise<void> {
    try {
      if (stored) {
        await answerer.deliver(updates, request, stored);
      } else {
        const hasIndicator =
          request.kind === 'photos' && request.album !== undefined && albumActions.has(request.album);
        await answerer.answer(updates, request, { hasIndicator, admission });
        await inbox.done(updates);
      }
    } catch (error) {
      await fail(updates, request, error);
    }
  }

  async function fail(updates: readonly number[], request: Request, error: unknown): Promise<void> {
    // The door stops. The request stays in the inbox, and the next start continues with it.
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

  function begin(updates: readonly number[], request: Request, options: WorkOptions = {}): void {
    const working = work(updates, request, options).finally(() => {
      open.delete(working);
      if (request.kind !== 'photos' || request.album === undefined) return;
      albumActions.get(request.album)?.();
      albumActions.delete(request.album);
    });
    open.add(working);
  }

  function dispatch(update: number, request: Request, admission?: Admission): void {
    if (request.kind !== 'photos' || request.album === undefined) {
      begin([update], request, { admission });
      return;
    }
    const { album } = request;
    // People should not have to wait for a sign until the album is complete.
    if (!albumActions.has(album) && request.trigger !== 'posted') {
      albumActions.set(album, showAction(request, 'upload_photo'));
    }
    albums.add(album, { update, request });
  }

  return {
    dispatch,
    resume({ update, request, answer }) {
      if (answer) begin([update], request, { stored: answer });
      else dispatch(update, request.kind === 'photos' ? { ...request, again: true } : request);
    },
    admit: (request) => answerer.admit(request),
    async finish() {
      // The remaining photos of an incomplete album may only reach the next process, which then answers all of them.
      left += albums.discard();
      for (const stopAction of albumActions.values()) stopAction();
      while (open.size > 0) await Promise.all(open);
      return left;
    },
  };
}

// --- Internal helpers ---

interface WorkOptions {
  /** An answer of an earlier process that only has to be delivered. */
  readonly stored?: StoredAnswer;
  readonly admission?: Admission | undefined;
}

function unreachableChat(chat: number, error: CallError): UnreachablePlace {
  return {
    place: String(chat),
    label: chat < 0 ? String(chat) : 'private',
    reason: error.message,
    cause: error.failure === 'refused' ? error.description : undefined,
  };
}
