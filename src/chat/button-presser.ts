/** Does what a pressed button stands for, once at a time, and re-checks who may. */

import { ClosedError } from '../util/errors.ts';
import type { Recommender } from '../recommend/recommend.ts';
import { type AnswerContext, galleryDraft } from './answer.ts';
import { type Action, type Buttons, type Draft, type PressedButton, type Search } from './buttons.ts';
import { truncate } from '../util/truncate.ts';
import type { Press, PressOutcome } from './conversation.ts';
import type { AuditLog } from '../store/audit-log.ts';
import type { ErrorText } from './error-texts.ts';
import type { FairUse } from './fair-use.ts';
import type { FollowReindex } from './follow-reindex.ts';
import { actorOf, personKey } from './keys.ts';
import { choiceOf, narrowed } from './label-choices.ts';
import type { LabelCounts } from './label-counts.ts';
import type { ReindexJob, Step } from '../reindex/reindex-job.ts';
import { textReply } from './reply.ts';
import type { Texts, Translations } from './translations.ts';

export interface ButtonPresserDependencies {
  readonly buttons: Buttons;
  readonly recommender: Recommender;
  readonly reindex: Pick<ReindexJob, 'start' | 'steer' | 'running'>;
  readonly followReindex: FollowReindex;
  readonly audit: AuditLog;
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
  const { buttons, recommender, reindex, followReindex, audit, fairUse, errorText } = dependencies;
  const { translations, labelCounts } = dependencies;
  /** Handles that are being worked on. */
  const inWork = new Set<string>();

  async function act(press: Press, pressed: PressedButton, texts: Texts): Promise<PressOutcome> {
    const { origin, value } = press;
    const { action } = pressed;
    switch (action.kind) {
      case 'delete': {
        if (pressed.owner === personKey(origin)) return { kind: 'delete' };
        const may = await origin.isModerator();
        await audit.record({ ...actorOf(origin), action: 'delete', outcome: may ? 'done' : 'refused' });
        return may ? { kind: 'delete' } : notice(texts.say('notice.not-yours'));
      }
      case 'steer-reindex':
      case 'confirm-reindex':
      case 'decline-reindex':
        if (await origin.isModerator()) return moderate(press, pressed, action, texts);
        await audit.record({ ...entryOf(press, action), outcome: 'refused' });
        return notice(texts.say('notice.moderators'));
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

  /** The right has just been checked. */
  async function moderate(
    press: Press,
    { owner, locale }: PressedButton,
    action: ModeratorsAction,
    texts: Texts,
  ): Promise<PressOutcome> {
    const by = actorOf(press.origin);
    switch (action.kind) {
      case 'steer-reindex': {
        const { run, step } = action;
        if (reindex.steer(run, step, by)) return notice(texts.say(STEP_NOTICES[step]));
        return notice(texts.say(reindex.running()?.id === run ? 'notice.too-late' : 'notice.no-reindex'));
      }
      case 'confirm-reindex': {
        const { full, losses } = action;
        const run = reindex.start({ kind: 'reindex', full, confirmed: losses, by });
        if (!run) return notice(texts.say('reindex.already'));
        // Once is enough: what is lost next time is another question.
        await buttons.discard(press.handle);
        const speaks = translations.for(locale);
        const following = { ownership: { owner, locale }, texts: speaks, joined: false };
        return { kind: 'replace', reply: await followReindex(run, following) };
      }
      case 'decline-reindex':
        await buttons.discard(press.handle);
        await audit.record({ ...entryOf(press, action), outcome: 'done' });
        return { kind: 'replace', reply: textReply(translations.for(locale).say('reindex.declined')) };
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

type ModeratorsAction = Extract<Action, { kind: 'steer-reindex' | 'confirm-reindex' | 'decline-reindex' }>;

/** Nobody is kept from ending something. */
const FREE: ReadonlySet<Action['kind']> = new Set(['delete', 'steer-reindex', 'decline-reindex']);

const STEP_NOTICES: Readonly<Record<Step, string>> = {
  pause: 'notice.paused',
  resume: 'notice.resumed',
  cancel: 'notice.cancelling',
};

function entryOf({ origin }: Press, action: ModeratorsAction) {
  const words = { 'confirm-reindex': 'confirmed', 'decline-reindex': 'declined' } as const;
  const argument = action.kind === 'steer-reindex' ? action.step : words[action.kind];
  return { ...actorOf(origin), action: 'reindex', argument };
}

function notice(text: string): PressOutcome {
  return { kind: 'notice', text: truncate(text, MAX_NOTICE_LENGTH) };
}

function choose(handle: string, action: Extract<Action, { kind: 'narrow' }>, texts: Texts): PressOutcome {
  const { label, options } = choiceOf(action, texts);
  return { kind: 'choose', choice: { handle, label, options } };
}
