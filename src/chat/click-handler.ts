/** Runs what a clicked button stands for, once at a time, after checking who may. */

import type { Recommender } from '../recommend/recommend.ts';
import type { AuditLog } from '../store/audit-log.ts';
import { ClosedError } from '../util/errors.ts';
import { type AnswerContext, galleryDraft } from './answer.ts';
import type { Action, Buttons, ClickedButton, Draft, Search } from './buttons.ts';
import type { ButtonClick, ClickOutcome } from './conversation.ts';
import type { ErrorText } from './error-texts.ts';
import type { FairUse } from './fair-use.ts';
import { actorOf, personKey } from './keys.ts';
import { choiceOf, narrowed } from './label-choices.ts';
import type { LabelCounts } from './label-counts.ts';
import { notice } from './notice.ts';
import type { ClickReindexButton } from './reindex-buttons.ts';
import type { Texts, Translations } from './translations.ts';

export interface ClickHandlerDependencies {
  readonly buttons: Pick<Buttons, 'find' | 'publish'>;
  readonly recommender: Pick<Recommender, 'page' | 'similar'>;
  readonly clickReindexButton: ClickReindexButton;
  readonly audit: AuditLog;
  readonly fairUse: Pick<FairUse, 'click'>;
  readonly errorText: ErrorText;
  readonly translations: Translations;
  readonly labelCounts: () => LabelCounts;
}

/** Rejects only with ClosedError. */
export type ClickHandler = (click: ButtonClick) => Promise<ClickOutcome>;

export function createClickHandler(dependencies: ClickHandlerDependencies): ClickHandler {
  const { buttons, recommender, clickReindexButton, audit, fairUse, errorText } = dependencies;
  const { translations, labelCounts } = dependencies;
  /** Handles whose clicks are being worked on. */
  const inWork = new Set<string>();

  async function run(click: ButtonClick, button: ClickedButton, texts: Texts): Promise<ClickOutcome> {
    const { origin, value } = click;
    const { action } = button;
    switch (action.kind) {
      case 'delete': {
        if (button.owner === personKey(origin)) return { kind: 'delete' };
        const isModerator = await origin.isModerator();
        const outcome = isModerator ? 'done' : 'refused';
        await audit.record({ ...actorOf(origin), action: 'delete', outcome });
        return isModerator ? { kind: 'delete' } : notice(texts.say('notice.not-yours'));
      }
      case 'steer-reindex':
      case 'confirm-reindex':
      case 'decline-reindex':
        return clickReindexButton(click, button, action, texts);
      case 'narrow': {
        const ownerTexts = translations.for(button.locale);
        if (value === undefined) return choose(click.handle, action, ownerTexts);
        const search = narrowed(action, value);
        if (!search) return notice(texts.say('notice.expired'));
        return replaceMessage(await page(search, 0, ownerTexts), button);
      }
      case 'open': {
        const { search, offset, replace } = action;
        return replace
          ? replaceMessage(await page(search, offset, translations.for(button.locale)), button)
          : newMessage(await page(search, offset, texts), click, button);
      }
      case 'like': {
        const { item, title } = action;
        const gallery = await recommender.similar(item);
        const draft = galleryDraft(gallery, { offset: 0, like: title }, context(texts));
        return newMessage(draft, click, button, [gallery.id]);
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

  /** The message keeps its owner and the owner's language. */
  async function replaceMessage(
    draft: Draft,
    { owner, locale, spoiler }: ClickedButton,
  ): Promise<ClickOutcome> {
    return { kind: 'replace', reply: await buttons.publish({ ...draft, spoiler }, { owner, locale }) };
  }

  /** A new message belongs to the person who clicked. */
  async function newMessage(
    draft: Draft,
    { origin }: ButtonClick,
    { spoiler }: ClickedButton,
    opened: readonly string[] = [],
  ): Promise<ClickOutcome> {
    const ownership = { owner: personKey(origin), locale: origin.locale, opened };
    return { kind: 'reply', reply: await buttons.publish({ ...draft, spoiler }, ownership) };
  }

  async function handle(click: ButtonClick, texts: Texts): Promise<ClickOutcome> {
    const button = await buttons.find(click.handle);
    if (!button) return notice(texts.say('notice.expired'));
    if (!UNLIMITED.has(button.action.kind)) {
      const refusal = await fairUse.click(click.origin);
      if (refusal) return notice(texts.say('limit.presses', { when: texts.when(refusal.waitSeconds) }));
    }
    return run(click, button, texts);
  }

  return async (click) => {
    const texts = translations.for(click.origin.locale);
    if (inWork.has(click.handle)) return notice(texts.say('notice.in-work'));
    inWork.add(click.handle);
    try {
      return await handle(click, texts);
    } catch (error) {
      if (error instanceof ClosedError) throw error;
      return notice(errorText(error, texts, 'button click'));
    } finally {
      inWork.delete(click.handle);
    }
  };
}

// --- Internal helpers ---

/** These clicks do not count towards the limit: nobody is kept from ending something. */
const UNLIMITED: ReadonlySet<Action['kind']> = new Set(['delete', 'steer-reindex', 'decline-reindex']);

function choose(handle: string, action: Extract<Action, { kind: 'narrow' }>, texts: Texts): ClickOutcome {
  const { label, options } = choiceOf(action, texts);
  return { kind: 'choose', choice: { handle, label, options } };
}
