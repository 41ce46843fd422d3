/** The one reindex at a time, whoever asks for it: its state to follow, and how to hold it back or end it early. */

import { randomBytes } from 'node:crypto';
import type { Inventory } from './inventory.ts';
import { createPauseSwitch } from './pause-gate.ts';
import { ShrinkGuardError, type Loss } from './shrink-guard.ts';
import type { ReindexPlan } from './reindex-plan.ts';
import type { ReindexProgress } from './reindexer.ts';
import type { ReindexSummary } from './reindex-summary.ts';
import { RunEndedError } from './run-history.ts';
import type { Actor, AuditLog, AuditOutcome } from '../store/audit-log.ts';
import type { Clock } from '../util/clock.ts';

export interface ReindexRequest {
  /** `plan` only says what would change. */
  readonly kind: 'reindex' | 'plan';
  /** Embeds every picture anew. */
  readonly full?: boolean;
  /** Losses that a person has seen and wants so. */
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
  /** A source lost much, and nothing was changed: a person has to confirm that. */
  | { readonly kind: 'needs-confirmation'; readonly seconds: number; readonly plan: ReindexPlan }
  /** `stopped`: the bot shuts down. */
  | { readonly kind: 'cancelled' | 'stopped'; readonly seconds: number }
  | { readonly kind: 'failed'; readonly seconds: number; readonly error: unknown };

export interface ReindexRun {
  readonly id: string;
  readonly request: ReindexRequest;
  readonly startedAt: Date;
  state(): ReindexState;
  /** Resolves, never rejects, when the state is final. */
  readonly ended: Promise<void>;
  /** Aborts when the bot shuts down: nobody should wait then before reading the final state. */
  readonly closing: AbortSignal;
}

/** What a run can be told while it goes on. */
export const STEPS = ['pause', 'resume', 'cancel'] as const;
export type Step = (typeof STEPS)[number];

export interface ReindexJob {
  /** Undefined when one is running already. */
  start(request: ReindexRequest): ReindexRun | undefined;
  /** The run that is not over yet. */
  running(): ReindexRun | undefined;
  /** The run that was started last, over or not; undefined before the first of this process. */
  last(): ReindexRun | undefined;
  /** False when that run is over, or past the point where it can be held back. */
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
  let current: Steerable | undefined;
  let last: ReindexRun | undefined;
  let recorded = Promise.resolve();

  /** Nobody waits for it but `close`: a slow disk must not hold up what is recorded. */
  function record(entry: Parameters<AuditLog['record']>[0]): void {
    recorded = audit.record(entry);
  }

  function begin(request: ReindexRequest): Steerable {
    const { kind, full = false, confirmed = [], by } = request;
    const started = clock.now();
    const pause = createPauseSwitch();
    const abort = new AbortController();
    let asked: 'cancelled' | 'stopped' | undefined;
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
        // Also when it was cancelled too late: what happened is what is told.
        return kind === 'plan'
          ? { kind: 'planned', plan: await inventory.plan(options) }
          : {
              kind: 'finished',
              summary: await inventory.reindex({ ...options, full, confirmed, who: by.door }),
            };
      } catch (error) {
        const seconds = (clock.now() - started) / 1000;
        if (asked) return { kind: asked, seconds };
        if (error instanceof ShrinkGuardError)
          return { kind: 'needs-confirmation', seconds, plan: error.plan };
        return { kind: 'failed', seconds, error };
      }
    };
    const ended = work().then((end) => {
      state = end;
      current = undefined;
      record({ ...entryOf(request), outcome: outcomeOf(end) });
    });

    function end(as: 'cancelled' | 'stopped'): void {
      if (state.kind !== 'running') return;
      asked ??= as;
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
      record({ ...entryOf(request), outcome: current ? 'already-running' : 'started' });
      if (current) return undefined;
      current = begin(request);
      last = current.run;
      if (closing.signal.aborted) current.stop();
      return last;
    },

    running: () => current?.run,
    last: () => last,

    steer(id, step, by) {
      const done = current?.run.id === id && current.steer(step);
      record({ ...by, action: 'reindex', argument: step, outcome: done ? 'done' : 'too-late' });
      return done;
    },

    async close() {
      closing.abort();
      const open = current;
      open?.stop();
      await open?.run.ended;
      await recorded;
    },
  };
}

/** For the metrics. */
export function activityOf({ running }: Pick<ReindexJob, 'running'>) {
  const state = running()?.state();
  if (state?.kind !== 'running') return undefined;
  const { phase, progress } = state;
  return { paused: phase === 'paused', done: progress?.done ?? 0, total: progress?.total ?? 0 };
}

/** From the building of the index on there is nothing left to hold back. */
export function canPause({ progress, phase }: Extract<ReindexState, { kind: 'running' }>): boolean {
  return phase === 'working' && progress?.phase !== 'index';
}

// --- Internal helpers ---

interface Steerable {
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
