/** Starts reindexes for doors and triggers, one at a time, and lets callers follow, pause, resume and cancel the running one. */

import { randomBytes } from 'node:crypto';
import type { Inventory } from './inventory.ts';
import { createPauseSwitch } from './pause-gate.ts';
import type { ReindexProgress } from './reindex-options.ts';
import type { Loss, ReindexPlan } from './reindex-plan.ts';
import type { ReindexSummary } from './reindex-summary.ts';
import { RunEndedError } from './run-history.ts';
import { ShrinkGuardError } from './shrink-guard.ts';
import type { Actor, AuditLog, AuditOutcome } from '../store/audit-log.ts';
import type { Clock } from '../util/clock.ts';

export interface ReindexRequest {
  /** `plan` only works out what would change. */
  readonly kind: 'reindex' | 'plan';
  /** Embeds every picture again. */
  readonly full?: boolean;
  /** Losses that a person has seen and confirmed. */
  readonly confirmed?: readonly Loss[];
  readonly by: Actor;
}

export type ReindexState =
  | {
      readonly kind: 'running';
      readonly progress: ReindexProgress | undefined;
      readonly phase: 'working' | 'paused' | 'cancelling';
    }
  | { readonly kind: 'planned'; readonly plan: ReindexPlan }
  | { readonly kind: 'finished'; readonly summary: ReindexSummary }
  /** A source would lose many items, and a person has to confirm that. Nothing was changed. */
  | { readonly kind: 'needs-confirmation'; readonly seconds: number; readonly plan: ReindexPlan }
  /** `stopped`: the bot is shutting down. */
  | { readonly kind: 'cancelled' | 'stopped'; readonly seconds: number }
  | { readonly kind: 'failed'; readonly seconds: number; readonly error: unknown };

export interface ReindexRun {
  readonly id: string;
  readonly request: ReindexRequest;
  readonly startedAt: Date;
  state(): ReindexState;
  /** Resolves, never rejects, when the state is final. */
  readonly ended: Promise<void>;
  /** Aborts when the bot shuts down: do not wait any more then, but read the final state. */
  readonly closing: AbortSignal;
}

/** How a running reindex can be controlled. */
export const STEPS = ['pause', 'resume', 'cancel'] as const;
export type Step = (typeof STEPS)[number];

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

  function begin(request: ReindexRequest): ControlledRun {
    const { kind, full = false, confirmed = [], by } = request;
    const started = clock.now();
    const pause = createPauseSwitch();
    const abort = new AbortController();
    let endedAs: 'cancelled' | 'stopped' | undefined;
    let state: ReindexState = { kind: 'running', progress: undefined, phase: 'working' };

    const work = async (): Promise<ReindexState> => {
      const options = {
        signal: abort.signal,
        pause,
        onProgress(progress: ReindexProgress) {
          if (state.kind === 'running') state = { ...state, progress };
        },
      };
      try {
        // A run that was cancelled too late has finished, and that is what its state says.
        return kind === 'plan'
          ? { kind: 'planned', plan: await inventory.plan(options) }
          : {
              kind: 'finished',
              summary: await inventory.reindex({ ...options, full, confirmed, who: by.door }),
            };
      } catch (error) {
        const seconds = (clock.now() - started) / 1000;
        if (endedAs) return { kind: endedAs, seconds };
        if (error instanceof ShrinkGuardError)
          return { kind: 'needs-confirmation', seconds, plan: error.plan };
        return { kind: 'failed', seconds, error };
      }
    };
    const ended = work().then((end) => {
      state = end;
      record({ ...entryOf(request), outcome: outcomeOf(end) });
    });

    function end(as: 'cancelled' | 'stopped'): void {
      if (state.kind !== 'running') return;
      endedAs ??= as;
      state = { ...state, phase: 'cancelling' };
      abort.abort(new RunEndedError(as, `The reindex was ${as}.`));
    }

    return {
      run: {
        id: randomBytes(6).toString('base64url'),
        request,
        startedAt: new Date(started),
        state: () => state,
        ended,
        closing: closing.signal,
      },
      stop: () => {
        end('stopped');
      },
      steer(step) {
        if (state.kind !== 'running' || state.phase === 'cancelling') return false;
        if (step === 'cancel') end('cancelled');
        else if (step === 'pause' && !canPause(state)) return false;
        else {
          pause[step]();
          state = { ...state, phase: pause.paused ? 'paused' : 'working' };
        }
        return true;
      },
    };
  }

  return {
    start(request) {
      const isBusy = inProgress() !== undefined;
      record({ ...entryOf(request), outcome: isBusy ? 'already-running' : 'started' });
      if (isBusy) return undefined;
      last = begin(request);
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

/** A run can be paused until it starts to build the index. */
export function canPause({ progress, phase }: Extract<ReindexState, { kind: 'running' }>): boolean {
  return phase === 'working' && progress?.phase !== 'index';
}

// --- Internal helpers ---

interface ControlledRun {
  readonly run: ReindexRun;
  stop(): void;
  steer(step: Step): boolean;
}

function entryOf({ kind, full, confirmed, by }: ReindexRequest) {
  const words = [kind === 'plan' && 'plan', full && 'full', confirmed && 'confirmed'].filter(Boolean);
  return { ...by, action: 'reindex', ...(words.length > 0 && { argument: words.join(' ') }) };
}

function outcomeOf({ kind }: ReindexState): AuditOutcome {
  return kind === 'running' ? 'started' : kind;
}
