/** Runs a reindex for a trigger. It uses the same job as a person does, and it never confirms a loss. */

import type { ReindexJob } from '../reindex-job.ts';
import { messageOf } from '../../util/errors.ts';
import { confirmOptions } from '../shrink-guard.ts';
import type { Logger } from '../../util/logger.ts';

/** Names the trigger in the audit log and in the record of the run. */
export type TriggerName = 'schedule' | 'watch';

export interface TriggerDependencies {
  readonly reindex: Pick<ReindexJob, 'start' | 'running'>;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
}

/** `busy`: another run was in progress, so none was started. `done`: it ended, and running it again would end the same way. */
export type TriggerOutcome = 'done' | 'failed' | 'busy';

/** Resolves when the run has ended, or at once with `busy`. Never rejects. */
export async function runTriggered(
  trigger: TriggerName,
  { reindex, logger }: TriggerDependencies,
): Promise<TriggerOutcome> {
  const run = reindex.start({ kind: 'reindex', by: { door: trigger, person: '', place: '' } });
  if (!run) return 'busy';
  logger.info({ trigger }, 'a reindex has started');
  await run.ended;
  const state = run.state();
  switch (state.kind) {
    case 'finished': {
      const { added, changed, removed, rejected, total, seconds } = state.summary;
      const counts = { added, changed, removed, rejected: rejected.length, total, seconds };
      logger.info({ trigger, ...counts }, 'the reindex has finished');
      break;
    }
    case 'needs-confirmation':
      logger.warn(
        { trigger, losses: state.plan.losses },
        'the reindex needs confirmation, and nothing was changed: a moderator can start /reindex and confirm it, as can the ' +
          'person at this machine on the local web page; or stop the bot and run npm run inventory -- reindex ' +
          confirmOptions(state.plan.losses),
      );
      break;
    case 'failed':
      logger.error(
        { trigger, reason: messageOf(state.error) },
        'the reindex failed; the old inventory still serves',
      );
      return 'failed';
    default:
      logger.info({ trigger }, `the reindex was ${state.kind}`);
  }
  return 'done';
}
