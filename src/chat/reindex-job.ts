/** The one reindex that moderators can start: its state to follow, and how to end it early. */

import { randomBytes } from 'node:crypto';
import type { Inventory } from '../inventory/inventory.ts';
import type { ReindexProgress, ReindexSummary } from '../inventory/reindexer.ts';
import type { Clock } from './clock.ts';

export type ReindexState =
  | { readonly kind: 'running'; readonly progress: ReindexProgress | undefined; readonly cancelling: boolean }
  | { readonly kind: 'finished'; readonly summary: ReindexSummary }
  /** `stopped`: the bot shuts down. */
  | { readonly kind: 'cancelled' | 'stopped'; readonly seconds: number }
  | { readonly kind: 'failed'; readonly seconds: number; readonly error: unknown };

export interface ReindexRun {
  readonly id: string;
  state(): ReindexState;
  /** Resolves, never rejects, when the state is final. */
  readonly ended: Promise<void>;
  /** Aborts when the bot shuts down: nobody should wait then before reading the final state. */
  readonly closing: AbortSignal;
}

export interface ReindexJob {
  /** Undefined when one is running already. */
  start(): ReindexRun | undefined;
  /** The run that is not over yet. */
  running(): ReindexRun | undefined;
  /** False when that run is over. */
  cancel(id: string): boolean;
  /** Stops a running reindex and waits for its end. Idempotent. */
  close(): Promise<void>;
}

export function createReindexJob(
  inventory: Pick<Inventory, 'reindex'>,
  clock: Pick<Clock, 'now'>,
): ReindexJob {
  const closing = new AbortController();
  let current: { readonly run: ReindexRun; end(as: 'cancelled' | 'stopped'): void } | undefined;

  return {
    start() {
      if (current) return undefined;
      const id = randomBytes(6).toString('base64url');
      const started = clock.now();
      const abort = new AbortController();
      let asked: 'cancelled' | 'stopped' | undefined;
      let state: ReindexState = { kind: 'running', progress: undefined, cancelling: false };

      const work = async (): Promise<ReindexState> => {
        try {
          const summary = await inventory.reindex({
            signal: abort.signal,
            onProgress(progress) {
              if (state.kind === 'running') state = { ...state, progress };
            },
          });
          // Also when it was cancelled too late: what happened is what is told.
          return { kind: 'finished', summary };
        } catch (error) {
          const seconds = (clock.now() - started) / 1000;
          return asked ? { kind: asked, seconds } : { kind: 'failed', seconds, error };
        }
      };
      const ended = work().then((last) => {
        state = last;
        current = undefined;
      });
      const run: ReindexRun = { id, state: () => state, ended, closing: closing.signal };
      current = {
        run,
        end(as) {
          if (state.kind !== 'running') return;
          asked ??= as;
          state = { ...state, cancelling: true };
          abort.abort(new Error('The reindex was cancelled.'));
        },
      };
      if (closing.signal.aborted) current.end('stopped');
      return run;
    },

    running: () => current?.run,

    cancel(id) {
      if (current?.run.id !== id) return false;
      current.end('cancelled');
      return true;
    },

    async close() {
      closing.abort();
      const last = current;
      last?.end('stopped');
      await last?.run.ended;
    },
  };
}
