/** What became of the last runs that changed the inventory: kept, so that a next process can tell. */

import type { Keyv } from 'keyv';
import { messageOf } from '../util/errors.ts';
import { entriesOf } from '../store/store.ts';
import { ShrinkGuardError } from './shrink-guard.ts';
import type { ReindexSummary } from './reindex-summary.ts';

export type RunKind = 'import' | 'reindex' | 'remove';

/**
 * `running`: not over. `cancelled`: a person ended it. `stopped`: the program shut down in order. `failed`: see the
 * reason. `needs-confirmation`: a source lost much, and nobody said that it should. `interrupted`: the process died under it.
 */
export type RunOutcome =
  'running' | 'finished' | 'cancelled' | 'stopped' | 'failed' | 'needs-confirmation' | 'interrupted';

export interface RunRecord {
  /** Counts up from 1. */
  readonly id: string;
  readonly kind: RunKind;
  /** Embeddings and index were made anew. */
  readonly full: boolean;
  /** Who asked for it, as the caller named them, for example `npm run inventory`. */
  readonly who: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Until it ended; 0 while nobody knows. */
  readonly seconds: number;
  readonly outcome: RunOutcome;
  /** What it changed; undefined unless it finished. */
  readonly counts?: RunCounts;
  /** Why it did not finish, with the repair where there is one. */
  readonly reason?: string;
}

export interface RunCounts extends Omit<ReindexSummary, 'rejected' | 'seconds' | 'hiddenBySource'> {
  readonly rejected: number;
}

/** What to abort a run's signal with, so that its record says how it ended; any other reason counts as `cancelled`. */
export class RunEndedError extends Error {
  override readonly name = 'RunEndedError';
  readonly outcome: 'cancelled' | 'stopped';

  constructor(outcome: 'cancelled' | 'stopped', message: string) {
    super(message);
    this.outcome = outcome;
  }
}

export interface RunHistory {
  /** Marks what a dead process left open as interrupted and returns it, newest first. To be called once, at the start. */
  recover(): Promise<RunRecord[]>;
  /** Records a run from its start to its end, whatever its end is. */
  record(
    run: Pick<RunRecord, 'kind' | 'full' | 'who'>,
    signal: AbortSignal | undefined,
    work: (id: string) => Promise<ReindexSummary>,
  ): Promise<ReindexSummary>;
  /** What a run did counts, whatever became of its process. Nothing for one that is not remembered any more. */
  finish(id: string, counts: RunCounts, seconds: number): Promise<void>;
  /** The last runs, newest first, at most `KEPT_RUNS`. */
  list(): Promise<RunRecord[]>;
}

export const KEPT_RUNS = 20;

/** @param records of the data folder's own store: a run changes this folder's index. */
export function createRunHistory(records: Keyv<RunRecord>): RunHistory {
  /** How runs ended where that could not be written: after a full disk the store takes nothing more until it is opened anew. */
  const unwritten = new Map<string, RunRecord>();

  async function list(): Promise<RunRecord[]> {
    const found: RunRecord[] = [];
    for await (const [id, record] of entriesOf(records)) found.push(unwritten.get(id) ?? record);
    return found.sort((a, b) => Number(b.id) - Number(a.id));
  }

  async function write(record: RunRecord): Promise<void> {
    unwritten.set(record.id, record);
    await records.set(record.id, record);
    unwritten.delete(record.id);
  }

  return {
    list,

    async recover() {
      const open = (await list()).filter(({ outcome }) => outcome === 'running');
      const interrupted = open.map((record): RunRecord => ({
        ...record,
        outcome: 'interrupted',
        reason: `The process ended before the run did, or could not write its end down. What it embedded is kept; go on with: ${resumeCommand(record)}`,
      }));
      for (const record of interrupted) await write(record);
      return interrupted;
    },

    async finish(id, counts, seconds) {
      const record = unwritten.get(id) ?? (await records.get(id));
      if (!record) return;
      // Where it was told as failed, the reason is overcome.
      const { kind, full, who, startedAt } = record;
      await write({ id, kind, full, who, startedAt, seconds, outcome: 'finished', counts });
    },

    async record(run, signal, work) {
      const startedAt = new Date();
      const earlier = await list();
      const record: RunRecord = {
        id: String(1 + Number(earlier[0]?.id ?? 0)),
        ...run,
        startedAt: startedAt.toISOString(),
        seconds: 0,
        outcome: 'running',
      };
      for (const { id } of earlier.slice(KEPT_RUNS - 1)) await records.delete(id);
      await records.set(record.id, record);
      const end = (ending: Pick<RunRecord, 'outcome' | 'counts' | 'reason'>): Promise<void> =>
        write({ ...record, seconds: secondsSince(startedAt), ...ending });
      try {
        const summary = await work(record.id);
        await end({ outcome: 'finished', counts: countsOf(summary) });
        return summary;
      } catch (error) {
        const reason = messageOf(error);
        // Where even this cannot be written, this process knows it, and the next one finds the run open.
        await end({ outcome: outcomeOf(error, signal), reason }).catch(() => undefined);
        throw error;
      }
    },
  };
}

/** How a run ended that threw. */
export function outcomeOf(
  error: unknown,
  signal: AbortSignal | undefined,
): 'cancelled' | 'stopped' | 'failed' | 'needs-confirmation' {
  if (signal?.aborted) return endedAs(signal);
  return error instanceof ShrinkGuardError ? 'needs-confirmation' : 'failed';
}

export function countsOf(summary: ReindexSummary): RunCounts {
  const { added, changed, removed, unchanged, embedded, rejected, total, hidden } = summary;
  return { added, changed, removed, unchanged, embedded, rejected: rejected.length, total, hidden };
}

// --- Internal helpers ---

function resumeCommand({ kind, full }: RunRecord): string {
  const command = kind === 'remove' ? 'remove NAME' : `reindex${full ? ' --full' : ''}`;
  return `npm run inventory -- ${command}`;
}

function endedAs({ reason }: AbortSignal): 'cancelled' | 'stopped' {
  return reason instanceof RunEndedError ? reason.outcome : 'cancelled';
}

function secondsSince(start: Date): number {
  return (Date.now() - start.getTime()) / 1000;
}
