import { describe, expect, it } from 'vitest';
import type { ReindexSummary } from '../../src/reindex/reindex-summary.ts';
import { createRunHistory, KEPT_RUNS, RunEndedError, type RunRecord } from '../../src/reindex/run-history.ts';
import { createMemoryStore } from '../memory-store.ts';

const SUMMARY: ReindexSummary = {
  added: 1,
  changed: 2,
  removed: 3,
  unchanged: 4,
  embedded: 5,
  rejected: [{ where: 'row 1', reason: 'no picture' }],
  total: 7,
  hidden: 0,
  hiddenBySource: {},
  seconds: 1.5,
};
const REINDEX = { kind: 'reindex', full: false, who: 'a test' } as const;

const createHistory = (records = createMemoryStore().namespace<RunRecord>('runs')) =>
  createRunHistory(records);

describe('the history of runs', () => {
  it('keeps how each run ended, newest first', async () => {
    const history = createHistory();
    expect(await history.record(REINDEX, undefined, () => Promise.resolve(SUMMARY))).toBe(SUMMARY);
    const failing = () => Promise.reject(new Error('the disk is full'));
    await expect(history.record({ ...REINDEX, kind: 'import' }, undefined, failing)).rejects.toThrow('full');
    for (const reason of [new RunEndedError('stopped', 'shutting down'), new Error('enough')]) {
      const work = () => Promise.reject(reason);
      await expect(history.record(REINDEX, AbortSignal.abort(reason), work)).rejects.toBe(reason);
    }
    expect(await history.list()).toMatchObject([
      { outcome: 'cancelled', reason: 'enough' },
      { outcome: 'stopped', reason: 'shutting down' },
      { kind: 'import', outcome: 'failed', reason: 'the disk is full' },
      { ...REINDEX, outcome: 'finished', counts: { added: 1, embedded: 5, total: 7, rejected: 1 } },
    ]);
  });

  it('says of a run under way that it is running, and of one whose process died that it was interrupted', async () => {
    const records = createMemoryStore().namespace<RunRecord>('runs');
    const started = new Promise<void>((resolve) => {
      void createHistory(records).record({ ...REINDEX, full: true }, undefined, () => {
        resolve();
        return new Promise(() => undefined);
      });
    });
    await started;
    expect(await createHistory(records).list()).toMatchObject([{ outcome: 'running', seconds: 0 }]);

    const next = createHistory(records);
    const interrupted = [
      { outcome: 'interrupted', reason: expect.stringContaining('reindex --full') as string },
    ];
    expect(await next.recover()).toMatchObject(interrupted);
    expect(await next.list()).toMatchObject(interrupted);
    expect(await next.recover()).toEqual([]);
  });

  it(`keeps the last ${KEPT_RUNS}`, async () => {
    const history = createHistory();
    for (let run = 1; run <= KEPT_RUNS + 3; run++) {
      await history.record(REINDEX, undefined, () => Promise.resolve({ ...SUMMARY, total: run }));
    }
    const totals = (await history.list()).map(({ counts }) => counts?.total);
    expect(totals).toHaveLength(KEPT_RUNS);
    expect(totals).toContain(KEPT_RUNS + 3);
    expect(totals).not.toContain(1);
  });
});
