/** Does what a pressed button stands for, once at a time, and re-checks who may. */

import { ClosedError } from '../errors.ts';
import type { Recommender } from '../recommend.ts';
import { type AnswerContext, galleryDraft } from './answer.ts';
import { type Action, type Buttons, cut, type Draft, type PressedButton, type Search } from './buttons.ts';
import type { Press, PressOutcome } from './conversation.ts';
import type { ErrorText } from './error-texts.ts';
import type { FairUse } from './fair-use.ts';
import { personKey } from './keys.ts';
import { choiceOf, narrowed } from './label-choices.ts';
import type { LabelCounts } from './label-counts.ts';
import type { ReindexJob } from './reindex-job.ts';
import type { Texts, Translations } from './translations.ts';

export interface ButtonPresserDependencies {
  readonly buttons: Buttons;
  readonly recommender: Recommender;
  readonly reindex: Pick<ReindexJob, 'cancel'>;
  readonly fairUse: FairUse;
  readonly errorText: ErrorText;
  readonly translations: Translations;
  readonly labelCounts: () => LabelCounts;
}

/** Limit of Telegram's answer to a callback query. */
const MAX_NOTICE_LENGTH = 200;

export function createButtonPresser(
  dependencies: ButtonPresserDependencies,
): (press: Press) => Promise<PressOutcome> {
  const { buttons, recommender, reindex, fairUse, errorText, translations, labelCounts } = dependencies;
  /** Handles that are being worked on. */
  const inWork = new Set<string>();

  async function act(press: Press, pressed: PressedButton, texts: Texts): Promise<PressOutcome> {
    const { origin, value } = press;
    const { action } = pressed;
    switch (action.kind) {
      case 'delete': {
        const may = pressed.owner === personKey(origin) || (await origin.isModerator());
        return may ? { kind: 'delete' } : notice(texts.say('notice.not-yours'));
      }
      case 'cancel-reindex':
        if (!(await origin.isModerator())) return notice(texts.say('notice.moderators'));
        return notice(texts.say(reindex.cancel(action.run) ? 'notice.cancelling' : 'notice.no-reindex'));
      case 'narrow': {
        const speaks = translations.for(pressed.locale);
        if (value === undefined) return choose(press.handle, action, speaks);
        const search = narrowed(action, value);
        if (!search) return notice(texts.say('notice.expired'));
        return replacing(await page(search, 0, speaks), pressed);
      }
      case 'open': {
        const { search, offset, replace } = action;
        return replace
          ? replacing(await page(search, offset, translations.for(pressed.locale)), pressed)
          : replying(await page(search, offset, texts), press, pressed);
      }
      case 'like': {
        const { item, title } = action;
        const gallery = await recommender.similar(item);
        const draft = galleryDraft(gallery, { offset: 0, like: title }, context(texts));
        return replying(draft, press, pressed, [gallery.id]);
      }
    }
  }

  async function page({ gallery: id, filter, like }: Search, offset: number, texts: Texts): Promise<Draft> {
    const gallery = await recommender.page(id, { filter, offset });
    return galleryDraft(gallery, { offset, like }, context(texts));
  }

  function context(texts: Texts): AnswerContext {
    return { texts, counts: labelCounts() };
  }

  /** The message stays with the person it answers, in that person's language. */
  async function replacing(draft: Draft, { owner, locale, spoiler }: PressedButton): Promise<PressOutcome> {
    return { kind: 'replace', reply: await buttons.publish({ ...draft, spoiler }, { owner, locale }) };
  }

  /** A new message belongs to the person who pressed. */
  async function replying(
    draft: Draft,
    { origin }: Press,
    { spoiler }: PressedButton,
    opened: readonly string[] = [],
  ): Promise<PressOutcome> {
    const ownership = { owner: personKey(origin), locale: origin.locale, opened };
    return { kind: 'reply', reply: await buttons.publish({ ...draft, spoiler }, ownership) };
  }

  async function press(request: Press, texts: Texts): Promise<PressOutcome> {
    const pressed = await buttons.find(request.handle);
    if (!pressed) return notice(texts.say('notice.expired'));
    if (!FREE.has(pressed.action.kind)) {
      const refusal = await fairUse.press(request.origin);
      if (refusal) return notice(texts.say('limit.presses', { when: texts.when(refusal.waitSeconds) }));
    }
    return act(request, pressed, texts);
  }

  return async (request) => {
    const texts = translations.for(request.origin.locale);
    if (inWork.has(request.handle)) return notice(texts.say('notice.in-work'));
    inWork.add(request.handle);
    try {
      return await press(request, texts);
    } catch (error) {
      if (error instanceof ClosedError) throw error;
      return notice(errorText(error, texts, 'press'));
    } finally {
      inWork.delete(request.handle);
    }
  };
}

// --- Internal helpers ---

/** Nobody is kept from ending something. */
const FREE: ReadonlySet<Action['kind']> = new Set(['delete', 'cancel-reindex']);

function notice(text: string): PressOutcome {
  return { kind: 'notice', text: cut(text, MAX_NOTICE_LENGTH) };
}

function choose(handle: string, action: Extract<Action, { kind: 'narrow' }>, texts: Texts): PressOutcome {
  const { label, options } = choiceOf(action, texts);
  return { kind: 'choose', choice: { handle, label, options } };
}
