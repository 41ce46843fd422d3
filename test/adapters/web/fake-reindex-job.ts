/** What the page's inventory panel stands on in tests: the real job over runs that go as the test says, and a fixed status. */

import { systemClock } from '../../../src/util/clock.ts';
import { createReindexJob } from '../../../src/reindex/reindex-job.ts';
import type { Status } from '../../../src/chat/status.ts';
import type { RunOptions } from '../../../src/reindex/inventory.ts';
import type { ReindexPlan } from '../../../src/reindex/reindex-plan.ts';
import type { ReindexSummary } from '../../../src/reindex/reindex-summary.ts';
import { createMemoryAudit } from '../../memory-audit.ts';

export interface AskedRun {
  readonly kind: 'reindex' | 'plan';
  readonly options: RunOptions & { readonly full?: boolean | undefined };
  readonly finish: (result: ReindexSummary | ReindexPlan) => void;
  readonly fail: (error: Error) => void;
}

export const SUMMARY: ReindexSummary = {
  added: 12,
  changed: 3,
  removed: 1,
  unchanged: 1_184,
  embedded: 15,
  rejected: [{ where: 'items.csv row 7', reason: 'its picture is cut off' }],
  total: 1_199,
  hidden: 0,
  hiddenBySource: {},
  seconds: 75,
};

export const PLAN: ReindexPlan = {
  ...SUMMARY,
  toEmbed: 15,
  losses: [{ source: 'boots', before: 100, removed: 90 }],
  sources: ['boots', 'coats'].map((name) => ({ ...SUMMARY, name, before: 100, toEmbed: 1 })),
};

export function createFakeReindexJob() {
  const asked: AskedRun[] = [];
  const audit = createMemoryAudit();
  const begin =
    <Result extends ReindexSummary | ReindexPlan>(kind: AskedRun['kind']) =>
    (options: AskedRun['options'] = {}) =>
      new Promise<Result>((finish, fail) => {
        asked.push({ kind, options, finish: finish as AskedRun['finish'], fail });
        options.signal?.addEventListener('abort', () => {
          fail(options.signal?.reason as Error);
        });
      });
  const inventory = { reindex: begin<ReindexSummary>('reindex'), plan: begin<ReindexPlan>('plan') };
  return {
    asked,
    audit,
    get last(): AskedRun {
      const run = asked.at(-1);
      if (!run) throw new Error('No run was asked for.');
      return run;
    },
    panel: {
      reindex: createReindexJob({ inventory, audit, clock: systemClock }),
      status: () => Promise.resolve(STATUS),
    },
  };
}

// --- Internal helpers ---

const STATUS: Status = {
  model: { name: 'net', version: '1', head: 'pca' },
  embedder: {
    engine: 'onnx',
    device: 'cpu',
    skipped: [{ engine: 'onnx on cuda', reason: 'no library' }],
    isAlive: true,
    waiting: { interactive: 1, bulk: 2 },
  },
  index: { size: 1_200, types: 70, createdAt: new Date('2026-11-24T12:00:00Z') },
  sources: [
    { name: 'boots', items: 100, hidden: 7, readAt: new Date('2026-11-24T12:00:00Z') },
    { name: 'coats', items: undefined, hidden: 0, readAt: undefined },
  ],
  types: [{ value: 'Boots', count: 100 }],
  recall: { value: 0.9987, k: 10, queries: 50 },
  runs: [
    {
      id: '1',
      kind: 'reindex',
      full: true,
      who: 'schedule',
      startedAt: '2026-11-24T12:00:00Z',
      seconds: 3,
      outcome: 'needs-confirmation',
      reason: '"boots" would lose 90 of its 100 items.',
    },
  ],
  uptimeSeconds: 3_725,
};
