/** Puts the conversation together: the one thing that every chat platform's adapter talks to. */

import type { ChatLimits } from '../config/rate-limits.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { GallerySessions } from '../recommend/gallery-sessions.ts';
import type { Recommender } from '../recommend/recommend.ts';
import type { Inventory } from '../reindex/inventory.ts';
import { createReindexJob } from '../reindex/reindex-job.ts';
import type { ItemIndex } from '../search/item-index.ts';
import type { AuditLog } from '../store/audit-log.ts';
import type { Store } from '../store/store.ts';
import { type Clock, systemClock } from '../util/clock.ts';
import { ClosedError } from '../util/errors.ts';
import type { Logger } from '../util/logger.ts';
import { createAnswerPhotos } from './answer-photos.ts';
import { type AnsweredPost, createAnsweredPosts } from './answered-posts.ts';
import { createButtons, type StoredButtons } from './buttons.ts';
import { createClickHandler } from './click-handler.ts';
import type { CreateCommands } from './command.ts';
import { createCommandRunner } from './command-runner.ts';
import type { Conversation, Mode } from './conversation.ts';
import { createErrorText } from './error-texts.ts';
import { createFairUse } from './fair-use.ts';
import { createFollowReindex } from './follow-reindex.ts';
import { createLabelCounts } from './label-counts.ts';
import { createPhotoCache } from './photo-cache.ts';
import { createPlaceModes } from './place-modes.ts';
import { createPostHandler } from './post-handler.ts';
import { createReindexButtons } from './reindex-buttons.ts';
import { textReply } from './reply.ts';
import type { ReadStatus } from './status.ts';
import type { Translations } from './translations.ts';
import { createUserData } from './user-data.ts';

export interface ConversationDependencies {
  readonly recommender: Recommender;
  readonly inventory: Pick<Inventory, 'reindex' | 'plan'>;
  /** The index that serves now; undefined before the first import. */
  readonly index: () => ItemIndex | undefined;
  readonly galleries: Pick<GallerySessions, 'delete' | 'sweep'>;
  /** Holds modes, buttons and the records of answered posts. No other process may serve the same accounts from it. */
  readonly store: Pick<Store, 'namespace'>;
  readonly translations: Translations;
  readonly status: ReadStatus;
  /** Called once. Handed in, because `commands/` imports this folder. */
  readonly createCommands: CreateCommands;
  readonly audit: AuditLog;
  readonly limits: ChatLimits;
  readonly metrics: Pick<Metrics, 'doorPhoto'>;
  readonly logger: Pick<Logger, 'error'>;
  /** Default: the system's. */
  readonly clock?: Clock;
}

/** Time between two sweeps of expired records. */
const SWEEP_MS = 10 * 60 * 1000;

export function createConversation(dependencies: ConversationDependencies): Conversation {
  const { translations, logger, clock = systemClock } = dependencies;
  const parts = createParts(dependencies, clock);
  const { reindex, modes, posts, click, commands, userData } = parts;

  const accepted = new Set<Promise<unknown>>();
  /** Aborted when the conversation is over. */
  const ending = new AbortController();
  const sweeping = sweepRepeatedly();
  let closed = false;
  let closing: Promise<void> | undefined;

  /** Keeps track of work, because `close()` waits for all that was accepted. */
  function accept<T>(work: () => Promise<T>): Promise<T> {
    if (closed) return Promise.reject(new ClosedError('The conversation is over: the bot shuts down.'));
    const working = work();
    accepted.add(working);
    const leave = (): unknown => accepted.delete(working);
    working.then(leave, leave);
    return working;
  }

  async function close(adaptersStopped: Promise<unknown>): Promise<void> {
    await Promise.all([reindex.close(), Promise.allSettled([adaptersStopped])]);
    closed = true;
    ending.abort();
    await Promise.allSettled([sweeping]);
    while (accepted.size > 0) await Promise.allSettled(accepted);
    await reindex.close(); // again, for a run that was started meanwhile
  }

  /** Runs whatever the adapters do, so that no record stays much longer than the privacy text says. */
  async function sweepRepeatedly(): Promise<void> {
    for (;;) {
      await clock.wait(SWEEP_MS, ending.signal);
      if (ending.signal.aborted) return;
      await userData.sweep().catch((error: unknown) => {
        logger.error({ err: error }, 'expired records could not be deleted');
      });
    }
  }

  return {
    reindex,
    commands: () => commands.infos(),
    admit: (post) => accept(() => posts.admit(post)),
    post: (post, admission) => accept(() => posts.post(post, admission)),
    click: (request) => accept(() => click(request)),
    command: (call) => accept(() => commands.run(call)),
    moved: (door, from, to) => accept(() => modes.move(door, from, to)),
    stoppingReply: ({ locale }) => textReply(translations.for(locale).say('error.stopping')),
    close: (adaptersStopped = Promise.resolve()) => (closing ??= close(adaptersStopped)),
  };
}

// --- Internal helpers ---

function createParts(dependencies: ConversationDependencies, clock: Clock) {
  const { recommender, store, logger } = dependencies;
  const stores = {
    modes: store.namespace<Mode>('chat-modes'),
    buttons: store.namespace<StoredButtons>('chat-buttons'),
    answered: store.namespace<AnsweredPost>('chat-answered'),
  };
  const modes = createPlaceModes(stores.modes);
  const buttons = createButtons(stores.buttons);
  const answered = createAnsweredPosts(stores.answered, logger);
  const cache = createPhotoCache(recommender, clock);
  const userData = createUserData({
    ...dependencies,
    buttons,
    answered,
    cache,
    stores: [stores.buttons, stores.answered],
  });
  const fairUse = createFairUse(dependencies.limits);
  const errorText = createErrorText(logger);
  const reindex = createReindexJob({ ...dependencies, clock });
  const followReindex = createFollowReindex({ buttons, errorText, clock });
  const labelCounts = createLabelCounts(dependencies.index);
  const shared = { ...dependencies, labelCounts, modes, buttons, fairUse, errorText, reindex, followReindex };
  const answerPhotos = createAnswerPhotos({ ...shared, cache, clock });
  const commands = dependencies.createCommands({ ...shared, userData });
  return {
    modes,
    reindex,
    userData,
    posts: createPostHandler({ ...shared, answered, answerPhotos }),
    click: createClickHandler({ ...shared, clickReindexButton: createReindexButtons(shared) }),
    commands: createCommandRunner({ ...shared, commands }),
  };
}
