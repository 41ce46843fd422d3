/** Creates the reply that follows a reindex: it shows the progress, offers pause and cancel, and says how the run ended. */

import type { Buttons, Ownership } from './buttons.ts';
import type { Clock } from '../util/clock.ts';
import type { ErrorText } from './error-texts.ts';
import { canPause, type ReindexRun, type ReindexState, type Step, STEPS } from '../reindex/reindex-run.ts';
import { reindexBlocks } from './reindex-texts.ts';
import type { Reply } from './reply.ts';
import type { Texts } from './translations.ts';

/** Time between two updates of the message, the last one included. */
export const UPDATE_INTERVAL_MS = 5_000;

export interface FollowOptions {
  readonly ownership: Ownership;
  readonly texts: Texts;
  /** Somebody else started the run: this reply only shows it, and does not ask to confirm a loss. */
  readonly joined: boolean;
}

export type FollowReindex = (run: ReindexRun, options: FollowOptions) => Promise<Reply>;

export interface FollowReindexDependencies {
  readonly buttons: Pick<Buttons, 'publish'>;
  readonly errorText: ErrorText;
  readonly clock: Pick<Clock, 'wait'>;
}

export function createFollowReindex({ buttons, errorText, clock }: FollowReindexDependencies): FollowReindex {
  return async (run, { ownership, texts, joined }) => {
    // Published once for all steps, so that the message keeps its handles from one update to the next.
    const steps = await buttons.publish(
      {
        blocks: [],
        buttons: STEPS.map((step) => ({
          label: texts.say(LABELS[step]),
          ...(step === 'cancel' && { danger: true }),
          action: { kind: 'steer-reindex', run: run.id, step },
        })),
      },
      ownership,
    );

    async function show(state: ReindexState): Promise<Reply> {
      const blocks = reindexBlocks(run, state, { joined, texts, errorText });
      if (state.kind === 'running') {
        const offered = offeredSteps(state);
        return {
          blocks,
          unfollowed: texts.say('reindex.unfollowed'),
          buttons: (steps.buttons ?? []).filter((_, place) => offered.includes(STEPS[place] ?? 'cancel')),
        };
      }
      if (state.kind !== 'needs-confirmation' || joined) return { blocks };
      const full = run.request.full === true;
      const { losses } = state.plan;
      return buttons.publish(
        {
          blocks,
          buttons: [
            { label: texts.say('button.cancel'), action: { kind: 'decline-reindex' } },
            {
              label: texts.say('button.confirm'),
              danger: true,
              action: { kind: 'confirm-reindex', full, losses },
            },
          ],
        },
        ownership,
      );
    }

    /** Yields each later state that differs, every 5 s, and last the final one. */
    async function* updates(first: ReindexState): AsyncGenerator<Reply, void> {
      for (let shown = first; shown.kind === 'running';) {
        await clock.wait(UPDATE_INTERVAL_MS, run.closing);
        if (run.closing.aborted) await run.ended;
        const state = run.state();
        if (state !== shown) yield await show(state);
        shown = state;
      }
    }

    const first = run.state();
    return { ...(await show(first)), updates: updates(first) };
  };
}

// --- Internal helpers ---

const LABELS: Readonly<Record<Step, string>> = {
  pause: 'button.pause',
  resume: 'button.resume',
  cancel: 'button.cancel',
};

function offeredSteps(state: Extract<ReindexState, { kind: 'running' }>): readonly Step[] {
  if (state.phase === 'cancelling') return [];
  if (state.phase === 'paused') return ['resume', 'cancel'];
  return canPause(state) ? ['pause', 'cancel'] : ['cancel'];
}
