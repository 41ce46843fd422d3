/** Records how the last runs ended, so that the next process knows it too. */

import type { Keyv } from 'keyv';
import { messageOf } from '../util/errors.ts';
import { entriesOf } from '../store/store.ts';
import { ShrinkGuardError } from './shrink-guard.ts';
import type { ReindexSummary } from './reindex-summary.ts';

export type RunKind = 'import' | 'reindex' | 'remove';

/**
 * `running`: it has not ended. `cancelled`: a person ended it. `stopped`: the program shut down in order. `failed`: see the
 * reason. `needs-confirmation`: a source would lose many items, and nobody confirmed it. `interrupted`: the process died during it.
 */
export type RunOutcome =
  'running' | 'finished' | 'cancelled' | 'stopped' | 'failed' | 'needs-confirmation' | 'interrupted';

export interface RunRecord {
  /** Counts up from 1. */
  readonly id: string;
  readonly kind: RunKind;
  /** Whether every picture was embedded again and the index built from nothing. */
  readonly full: boolean;
  /** Who asked for the run, as the caller put it, for example `npm run inventory`. */
  readonly who: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** How long it took; 0 while that is not known. */
  readonly seconds: number;
  readonly outcome: RunOutcome;
  /** What it changed; undefined unless it finished. */
  readonly counts?: RunCounts;
  /** Why it did not finish, and how to repair that if possible. */
  readonly reason?: string;
}

export interface RunCounts extends Omit<ReindexSummary, 'rejected' | 'seconds' | 'hiddenBySource'> {
  readonly rejected: number;
}

/** Abort the signal of a run with this error to record how it ended. Any other reason counts as `cancelled`. */
export class RunEndedError extends Error {
  override readonly name = 'RunEndedError';
  readonly outcome: 'cancelled' | 'stopped';

  constructor(outcome: 'cancelled' | 'stopped', message: string) {
    super(message);
    this.outcome = outcome;
  }
}

export interface RunHistory {
  /** Marks the runs that a dead process left open as interrupted, and returns them, newest first. To be called once, at the start. */
  recover(): Promise<RunRecord[]>;
  /** Records the start and the end of a run, however it ends. */
  record(
    run: Pick<RunRecord, 'kind' | 'full' | 'who'>,
    signal: AbortSignal | undefined,
    work: (id: string) => Promise<ReindexSummary>,
  ): Promise<ReindexSummary>;
  /** Records that a run finished, even if its process has died. Does nothing for a run that is no longer in the history. */
  finish(id: string, counts: RunCounts, seconds: number): Promise<void>;
  /** The last runs, newest first, at most `KEPT_RUNS`. */
  list(): Promise<RunRecord[]>;
}

export const KEPT_RUNS = 20;

/** @param records a namespace of the data folder's own store, because a run changes the index of this folder. */
export function createRunHistory(records: Keyv<RunRecord>): RunHistory {
  /** Records that could not be written: after the disk was full, the store accepts nothing until it is opened again. */
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
        reason: `The process ended before the run did, or could not record its end. Finished embeddings are kept; continue with: ${resumeCommand(record)}`,
      }));
      for (const record of interrupted) await write(record);
      return interrupted;
    },

    async finish(id, counts, seconds) {
      const record = unwritten.get(id) ?? (await records.get(id));
      if (!record) return;
      // If it was recorded as failed, its reason no longer applies and is left out.
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
        // If even this cannot be written, this process still knows it, and the next one finds the run open.
        await end({ outcome: outcomeOf(error, signal), reason }).catch(() => undefined);
        throw error;
      }
    },
  };
}

/** How a run ended that threw this error. */
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
