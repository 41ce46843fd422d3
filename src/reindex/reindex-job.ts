/** Starts reindexes for doors and triggers, one at a time, and lets callers follow, pause, resume and cancel the running one. */

import type { AuditLog, AuditOutcome, Actor } from '../store/audit-log.ts';
import type { Clock } from '../util/clock.ts';
import type { Inventory } from './inventory.ts';
import {
  type ControlledRun,
  createControlledRun,
  type ReindexRequest,
  type ReindexRun,
  type ReindexState,
  type Step,
} from './reindex-run.ts';

export interface ReindexJob {
  /** Undefined when a run is already in progress. */
  start(request: ReindexRequest): ReindexRun | undefined;
  /** The run in progress. */
  running(): ReindexRun | undefined;
  /** The run that was started last, whether it has ended or not; undefined before the first run of this process. */
  last(): ReindexRun | undefined;
  /** False when that run has ended, or can no longer be paused or cancelled. */
  steer(id: string, step: Step, by: Actor): boolean;
  /** Stops a running reindex and waits for its end. Idempotent. */
  close(): Promise<void>;
}

export interface ReindexJobDependencies {
  readonly inventory: Pick<Inventory, 'reindex' | 'plan'>;
  readonly audit: AuditLog;
  readonly clock: Pick<Clock, 'now'>;
}

export function createReindexJob({ inventory, audit, clock }: ReindexJobDependencies): ReindexJob {
  const closing = new AbortController();
  let last: ControlledRun | undefined;
  let recorded = Promise.resolve();

  /** Only `close` waits for it: a slow disk must not delay the run itself. */
  function record(entry: Parameters<AuditLog['record']>[0]): void {
    recorded = audit.record(entry);
  }

  /** The inventory holds the lock of a reindex; this only reads the state of the run that was started last. */
  function inProgress(): ControlledRun | undefined {
    return last?.run.state().kind === 'running' ? last : undefined;
  }

  return {
    start(request) {
      const isBusy = inProgress() !== undefined;
      record({ ...entryOf(request), outcome: isBusy ? 'already-running' : 'started' });
      if (isBusy) return undefined;
      last = createControlledRun({
        request,
        inventory,
        clock,
        closing: closing.signal,
        onEnd: (end) => {
          record({ ...entryOf(request), outcome: outcomeOf(end) });
        },
      });
      if (closing.signal.aborted) last.stop();
      return last.run;
    },

    running: () => inProgress()?.run,
    last: () => last?.run,

    steer(id, step, by) {
      const current = inProgress();
      const done = current?.run.id === id && current.steer(step);
      record({ ...by, action: 'reindex', argument: step, outcome: done ? 'done' : 'too-late' });
      return done;
    },

    async close() {
      closing.abort();
      const current = inProgress();
      current?.stop();
      await current?.run.ended;
      await recorded;
    },
  };
}

/** What the metrics show of the run in progress. */
export function activityOf({ running }: Pick<ReindexJob, 'running'>) {
  const state = running()?.state();
  if (state?.kind !== 'running') return undefined;
  const { phase, progress } = state;
  return { paused: phase === 'paused', done: progress?.done ?? 0, total: progress?.total ?? 0 };
}

// --- Internal helpers ---

function entryOf({ kind, full, confirmed, by }: ReindexRequest) {
  const words = [kind === 'plan' && 'plan', full && 'full', confirmed && 'confirmed'].filter(Boolean);
  return { ...by, action: 'reindex', ...(words.length > 0 && { argument: words.join(' ') }) };
}

function outcomeOf({ kind }: ReindexState): AuditOutcome {
  return kind === 'running' ? 'started' : kind;
}
