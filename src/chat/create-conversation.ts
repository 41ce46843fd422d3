/** Puts the conversation together: the one thing that every chat platform's door speaks to. */

import { ClosedError } from '../util/errors.ts';
import type { GallerySessions } from '../recommend/gallery-sessions.ts';
import type { Inventory } from '../reindex/inventory.ts';
import type { Logger } from '../util/logger.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Recommender } from '../recommend/recommend.ts';
import type { ItemIndex } from '../search/item-index.ts';
import type { AuditLog } from '../store/audit-log.ts';
import type { Store } from '../store/store.ts';
import { createAnswerPhotos } from './answer-photos.ts';
import { type AnsweredPost, createAnsweredPosts } from './answered-posts.ts';
import { createButtonPresser } from './button-presser.ts';
import { createButtons, type StoredButtons } from './buttons.ts';
import { type Clock, systemClock } from '../util/clock.ts';
import type { Command, CreateCommands } from './command.ts';
import type { CommandInfo } from './command-info.ts';
import type { CommandCall, Conversation, Mode } from './conversation.ts';
import { createErrorText } from './error-texts.ts';
import { createFairUse } from './fair-use.ts';
import { createFollowReindex } from './follow-reindex.ts';
import { actorOf } from './keys.ts';
import { createLabelCounts, type LabelCounts } from './label-counts.ts';
import type { ChatLimits } from '../config/rate-limits.ts';
import { createPhotoCache } from './photo-cache.ts';
import { createPlaceModes } from './place-modes.ts';
import { createPostAnswerer } from './post-answerer.ts';
import { createReindexJob } from '../reindex/reindex-job.ts';
import { type Reply, textReply } from './reply.ts';
import type { ReadStatus } from './status.ts';
import { usableCommands } from './usable-commands.ts';
import { createUserData } from './user-data.ts';
import type { Translations } from './translations.ts';

export interface ConversationDependencies {
  readonly recommender: Recommender;
  readonly inventory: Pick<Inventory, 'reindex' | 'plan'>;
  /** The index that serves now; undefined before the first import. */
  readonly index: () => ItemIndex | undefined;
  readonly galleries: Pick<GallerySessions, 'delete' | 'sweep'>;
  /** Modes, buttons and which posts were answered. No other process may serve the same doors from it. */
  readonly store: Pick<Store, 'namespace'>;
  readonly translations: Translations;
  readonly status: ReadStatus;
  /** Called once. Handed in, because `commands/` builds on what is here. */
  readonly createCommands: CreateCommands;
  readonly audit: AuditLog;
  readonly limits: ChatLimits;
  readonly metrics: Pick<Metrics, 'doorPhoto'>;
  readonly logger: Pick<Logger, 'error'>;
  /** Default: the system's. */
  readonly clock?: Clock;
}

/** Between two sweeps of what has expired. */
const SWEEP_MS = 10 * 60 * 1000;

export function createConversation(dependencies: ConversationDependencies): Conversation {
  const { recommender, index, translations, store, audit, logger, clock = systemClock } = dependencies;
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
  const answerPhotos = createAnswerPhotos({ ...dependencies, cache, errorText, clock });
  const labelCounts = createLabelCounts(index);
  const parts = {
    ...dependencies,
    labelCounts,
    modes,
    buttons,
    answered,
    fairUse,
    errorText,
    reindex,
    followReindex,
    userData,
    clock,
  };
  const posts = createPostAnswerer({ ...parts, answerPhotos });
  const press = createButtonPresser(parts);
  const commands = dependencies.createCommands(parts);

  const accepted = new Set<Promise<unknown>>();
  let published: { readonly counts: LabelCounts; readonly infos: readonly CommandInfo[] } | undefined;
  /** Aborted when the conversation is over. */
  const ending = new AbortController();
  const sweeping = sweepAgainAndAgain();
  let closed = false;
  let closing: Promise<void> | undefined;

  /** What is accepted is finished before `close()` resolves. */
  function accept<T>(work: () => Promise<T>): Promise<T> {
    if (closed) return Promise.reject(new ClosedError('The conversation is over: the bot shuts down.'));
    const working = work();
    accepted.add(working);
    const leave = (): unknown => accepted.delete(working);
    working.then(leave, leave);
    return working;
  }

  /** Doors ask for every message; the answer changes only with the inventory. */
  function publishedCommands(): readonly CommandInfo[] {
    const counts = labelCounts();
    if (published?.counts !== counts) {
      published = { counts, infos: commands.map((command) => infoOf(command, translations)) };
    }
    return published.infos;
  }

  async function close(doorsStopped: Promise<unknown>): Promise<void> {
    await Promise.all([reindex.close(), Promise.allSettled([doorsStopped])]);
    closed = true;
    ending.abort();
    await Promise.allSettled([sweeping]);
    while (accepted.size > 0) await Promise.allSettled(accepted);
    await reindex.close(); // one that was asked for meanwhile
  }

  /** Whatever comes through which door, so that nothing stays much longer than people are told. */
  async function sweepAgainAndAgain(): Promise<void> {
    for (;;) {
      await clock.wait(SWEEP_MS, ending.signal);
      if (ending.signal.aborted) return;
      await userData.sweep().catch((error: unknown) => {
        logger.error({ err: error }, 'expired records could not be swept');
      });
    }
  }

  /** The argument only where it is one of the command's own words: nothing else of what people write is kept. */
  function entryOf({ name, options }: Command, { origin, argument }: CommandCall) {
    const choices = options?.(translations).flatMap((option) => option.choices ?? []) ?? [];
    const known = choices.find(({ value }) => value === argument?.trim().toLowerCase());
    return { ...actorOf(origin), action: name, ...(known && { argument: known.value }) };
  }

  async function runCommand(call: CommandCall): Promise<Reply> {
    const { origin } = call;
    const texts = translations.for(origin.locale);
    const command = commands.find(({ name }) => name === call.name.toLowerCase());
    try {
      if (!command) {
        const usable = await usableCommands(commands, origin);
        const names = usable.map(({ name }) => `/${name}`);
        return { ...textReply(texts.say('command.unknown', { names: texts.list(names) })), discreet: true };
      }
      if (command.audience === 'moderators' && !(await origin.isModerator())) {
        await audit.record({ ...entryOf(command, call), outcome: 'refused' });
        const refusal = command.refusal?.(origin) ?? 'notice.moderators';
        return { ...textReply(texts.say(refusal)), discreet: true };
      }
      return await command.run({ call, texts });
    } catch (error) {
      if (error instanceof ClosedError) throw error;
      if (command?.audience === 'moderators') {
        await audit.record({ ...entryOf(command, call), outcome: 'failed' });
      }
      return { ...textReply(errorText(error, texts, `command ${command?.name ?? ''}`)), discreet: true };
    }
  }

  return {
    reindex,
    commands: publishedCommands,
    admit: (post) => accept(() => posts.admit(post)),
    post: (post, admission) => accept(() => posts.post(post, admission)),
    press: (request) => accept(() => press(request)),
    command: (call) => accept(() => runCommand(call)),
    moved: (door, from, to) => accept(() => modes.move(door, from, to)),
    farewell: ({ locale }) => textReply(translations.for(locale).say('error.stopping')),
    close: (doorsStopped = Promise.resolve()) => (closing ??= close(doorsStopped)),
  };
}

// --- Internal helpers ---

function infoOf(command: Command, translations: Translations): CommandInfo {
  const { name, audience, where, description, menu, options } = command;
  return {
    name,
    audience,
    where,
    description: translations.all(description),
    options: options?.(translations) ?? [],
    ...(menu !== undefined && { menu: translations.all(menu) }),
  };
}
