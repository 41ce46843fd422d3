/** A reindex that nobody asked for in person: it goes through the one job, and it never confirms a loss by itself. */

import type { ReindexJob } from '../reindex-job.ts';
import { messageOf } from '../../util/errors.ts';
import { confirmOptions } from '../shrink-guard.ts';
import type { Logger } from '../../util/logger.ts';

/** By what, as the audit log and the record of the run name it. */
export type TriggerName = 'schedule' | 'watch';

export interface TriggerDependencies {
  readonly reindex: Pick<ReindexJob, 'start' | 'running'>;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
}

/** `busy`: another one was running, and none was begun. `over`: however it ended, beginning it again would end the same. */
export type TriggerOutcome = 'over' | 'failed' | 'busy';

/** Resolves when the run is over, at once when it is `busy`. Never rejects. */
export async function runTriggered(
  trigger: TriggerName,
  { reindex, logger }: TriggerDependencies,
): Promise<TriggerOutcome> {
  const run = reindex.start({ kind: 'reindex', by: { door: trigger, person: '', place: '' } });
  if (!run) return 'busy';
  logger.info({ trigger }, 'a reindex has begun');
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
        'the reindex needs confirmation, and nothing was changed: a moderator starts /reindex, or the person at this machine ' +
          'one on the local web page, and confirms it there; or stop the bot and run npm run inventory -- reindex ' +
          confirmOptions(state.plan.losses),
      );
      break;
    case 'failed':
      logger.error(
        { trigger, reason: messageOf(state.error) },
        'the reindex failed; the old inventory serves',
      );
      return 'failed';
    default:
      logger.info({ trigger }, `the reindex was ${state.kind}`);
  }
  return 'over';
}
