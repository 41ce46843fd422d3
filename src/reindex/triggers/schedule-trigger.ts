/** Starts a reindex at the times of a cron expression. */

import { Cron } from 'croner';
import type { ReindexTrigger } from './trigger.ts';
import { runTriggered, type TriggerDependencies } from './run-triggered.ts';

export interface ScheduleDependencies extends TriggerDependencies {
  /** Five fields in the time zone of this machine, for example `0 4 * * *`. Validated by the config. */
  readonly schedule: string;
}

export function createScheduleTrigger({ schedule, ...dependencies }: ScheduleDependencies): ReindexTrigger {
  const { logger } = dependencies;
  let cron: Cron | undefined;
  let running: Promise<unknown> = Promise.resolve();

  async function run(): Promise<void> {
    if ((await runTriggered('schedule', dependencies)) === 'busy') {
      logger.info({ trigger: 'schedule' }, 'a reindex is already running, so the scheduled one is skipped');
    }
  }

  return {
    name: 'schedule',
    start() {
      cron = new Cron(schedule, { mode: '5-part', unref: true }, () => {
        running = run();
      });
      logger.info({ trigger: 'schedule', next: cron.nextRun()?.toISOString() }, 'reindexing by schedule');
      return Promise.resolve();
    },
    async stop() {
      cron?.stop();
      // The conversation stops the run itself.
      await running;
    },
  };
}
