/** One run of a reindex or a plan, which can be followed, paused, resumed and cancelled. */

import { randomBytes } from 'node:crypto';
import type { Actor } from '../store/audit-log.ts';
import type { Clock } from '../util/clock.ts';
import type { Inventory } from './inventory.ts';
import { createPauseSwitch } from './pause-gate.ts';
import type { ReindexProgress } from './reindex-options.ts';
import type { Loss, ReindexPlan } from './reindex-plan.ts';
import type { ReindexSummary } from './reindex-summary.ts';
import { RunEndedError } from './run-history.ts';
import { ShrinkGuardError } from './shrink-guard.ts';

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

/** A run with the controls that only its job uses. */
export interface ControlledRun {
  readonly run: ReindexRun;
  /** Ends the run because the bot shuts down. */
  stop(): void;
  /** False when the run has ended, or can no longer be paused or cancelled. */
  steer(step: Step): boolean;
}

export interface ControlledRunDependencies {
  readonly request: ReindexRequest;
  readonly inventory: Pick<Inventory, 'reindex' | 'plan'>;
  readonly clock: Pick<Clock, 'now'>;
  /** Aborted when the bot shuts down. */
  readonly closing: AbortSignal;
  /** Called once with the final state. */
  readonly onEnd: (state: ReindexState) => void;
}

/** Starts the run at once. */
export function createControlledRun(dependencies: ControlledRunDependencies): ControlledRun {
  const { request, inventory, clock, closing, onEnd } = dependencies;
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
      if (error instanceof ShrinkGuardError) return { kind: 'needs-confirmation', seconds, plan: error.plan };
      return { kind: 'failed', seconds, error };
    }
  };
  const ended = work().then((end) => {
    state = end;
    onEnd(end);
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
      closing,
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

/** A run can be paused until it starts to build the index. */
export function canPause({ progress, phase }: Extract<ReindexState, { kind: 'running' }>): boolean {
  return phase === 'working' && progress?.phase !== 'index';
}
