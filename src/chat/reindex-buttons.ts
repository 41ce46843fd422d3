/** Runs the buttons of a reindex: pause, resume, cancel, and the decision about a large loss. For moderators. */

import type { ReindexJob } from '../reindex/reindex-job.ts';
import type { Step } from '../reindex/reindex-run.ts';
import type { AuditLog } from '../store/audit-log.ts';
import type { Action, Buttons, ClickedButton } from './buttons.ts';
import type { ButtonClick, ClickOutcome } from './conversation.ts';
import type { FollowReindex } from './follow-reindex.ts';
import { actorOf } from './keys.ts';
import { notice } from './notice.ts';
import { textReply } from './reply.ts';
import type { Texts, Translations } from './translations.ts';

export type ReindexAction = Extract<
  Action,
  { kind: 'steer-reindex' | 'confirm-reindex' | 'decline-reindex' }
>;

export interface ReindexButtonsDependencies {
  readonly buttons: Pick<Buttons, 'discard'>;
  readonly reindex: Pick<ReindexJob, 'start' | 'steer' | 'running'>;
  readonly followReindex: FollowReindex;
  readonly audit: AuditLog;
  readonly translations: Translations;
}

/** @param texts in the language of the person who clicked. */
export type ClickReindexButton = (
  click: ButtonClick,
  button: ClickedButton,
  action: ReindexAction,
  texts: Texts,
) => Promise<ClickOutcome>;

export function createReindexButtons(dependencies: ReindexButtonsDependencies): ClickReindexButton {
  const { buttons, reindex, followReindex, audit, translations } = dependencies;

  return async (click, { owner, locale }, action, texts) => {
    if (!(await click.origin.isModerator())) {
      await audit.record({ ...auditEntry(click, action), outcome: 'refused' });
      return notice(texts.say('notice.moderators'));
    }
    const by = actorOf(click.origin);
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
        // A confirmation counts once: the losses of the next run are another decision.
        await buttons.discard(click.handle);
        const options = { ownership: { owner, locale }, texts: translations.for(locale), joined: false };
        return { kind: 'replace', reply: await followReindex(run, options) };
      }
      case 'decline-reindex':
        await buttons.discard(click.handle);
        await audit.record({ ...auditEntry(click, action), outcome: 'done' });
        return { kind: 'replace', reply: textReply(translations.for(locale).say('reindex.declined')) };
    }
  };
}

// --- Internal helpers ---

const STEP_NOTICES: Readonly<Record<Step, string>> = {
  pause: 'notice.paused',
  resume: 'notice.resumed',
  cancel: 'notice.cancelling',
};

function auditEntry({ origin }: ButtonClick, action: ReindexAction) {
  const decisions = { 'confirm-reindex': 'confirmed', 'decline-reindex': 'declined' } as const;
  const argument = action.kind === 'steer-reindex' ? action.step : decisions[action.kind];
  return { ...actorOf(origin), action: 'reindex', argument };
}
