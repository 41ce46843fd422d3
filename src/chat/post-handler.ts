/** Takes a post with photos and returns its one reply, after checking mode, second deliveries and fair use. */

import { ClosedError } from '../util/errors.ts';
import type { Logger } from '../util/logger.ts';
import type { ItemIndex } from '../search/item-index.ts';
import { answerDraft, MAX_PHOTOS } from './answer.ts';
import type { AnswerPhotos } from './answer-photos.ts';
import type { AnsweredPosts } from './answered-posts.ts';
import type { Buttons } from './buttons.ts';
import type { Admission, PhotoPost, PostHeader } from './conversation.ts';
import type { ErrorText } from './error-texts.ts';
import { howToText } from './how-to.ts';
import type { FairUse, Refusal } from './fair-use.ts';
import { personKey } from './keys.ts';
import type { LabelCounts } from './label-counts.ts';
import { DEFAULT_MODE, permits, type PlaceModes } from './place-modes.ts';
import { type Reply, textReply } from './reply.ts';
import type { Texts, Translations } from './translations.ts';

export interface PostHandlerDependencies {
  readonly modes: PlaceModes;
  readonly answered: AnsweredPosts;
  readonly fairUse: FairUse;
  readonly answerPhotos: AnswerPhotos;
  readonly buttons: Buttons;
  readonly errorText: ErrorText;
  readonly translations: Translations;
  readonly index: () => ItemIndex | undefined;
  readonly labelCounts: () => LabelCounts;
  readonly logger: Pick<Logger, 'error'>;
}

export interface PostHandler {
  admit(post: PostHeader): Promise<Admission | undefined>;
  post(post: PhotoPost, admission?: Admission): Promise<Reply | undefined>;
}

export function createPostHandler(dependencies: PostHandlerDependencies): PostHandler {
  const {
    modes,
    answered,
    fairUse,
    answerPhotos,
    buttons,
    errorText,
    translations,
    index,
    labelCounts,
    logger,
  } = dependencies;

  async function isPermitted({ origin, trigger }: PostHeader): Promise<boolean> {
    if (trigger === 'command') return true;
    try {
      return permits(await modes.get(origin.door, origin.place), trigger);
    } catch (error) {
      if (error instanceof ClosedError) throw error;
      logger.error({ err: error }, 'could not read the mode of a place');
      return permits(DEFAULT_MODE, trigger);
    }
  }

  async function answer(post: PhotoPost, texts: Texts): Promise<Reply | undefined> {
    const { origin, trigger, photos } = post;
    if (photos.length === 0) {
      return trigger === 'posted' ? undefined : textReply(howToText(origin, texts));
    }
    const refusal = await fairUse.post(origin);
    if (refusal) return refusalReply(refusal, trigger, texts);
    if ((index()?.size ?? 0) === 0) return textReply(texts.say('error.no-inventory'));

    const outcomes = await answerPhotos(photos.slice(0, MAX_PHOTOS), post, texts);
    const context = { texts, counts: labelCounts() };
    const draft = answerDraft(outcomes, Math.max(0, photos.length - MAX_PHOTOS), context);
    const spoiler = photos.some((photo) => photo.spoiler);
    return buttons.publish(spoiler ? { ...draft, spoiler } : draft, {
      owner: personKey(origin),
      locale: origin.locale,
      opened: outcomes.flatMap((outcome) => (outcome.kind === 'found' ? outcome.opened : [])),
    });
  }

  return {
    async admit(post) {
      if (!(await isPermitted(post))) return undefined;
      const admission = await answered.admit(post);
      if (!admission || (await fairUse.isSilent(post.origin, post.trigger))) return undefined;
      return admission;
    },

    async post(post, admission) {
      const texts = translations.for(post.origin.locale);
      if (!admission && !(await isPermitted(post))) return undefined;
      if (!(await answered.claim(post, admission))) return undefined;
      let reply: Reply | undefined;
      try {
        reply = await answer(post, texts);
      } catch (error) {
        if (error instanceof ClosedError) {
          answered.release(post);
          throw error;
        }
        reply = textReply(errorText(error, texts, 'post'));
      }
      await answered.finish(post);
      return reply;
    },
  };
}

// --- Internal helpers ---

/** Undefined when the person was notified before and no platform waits for a reply. */
function refusalReply(
  { scope, waitSeconds, first }: Refusal,
  trigger: PhotoPost['trigger'],
  texts: Texts,
): Reply | undefined {
  if (!first && trigger !== 'command') return undefined;
  const when = texts.when(waitSeconds);
  const text =
    scope === 'community' ? texts.say('limit.community', { when }) : texts.say('limit.person', { when });
  return { ...textReply(text), discreet: true };
}
