import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { runTriggered } from '../../../src/reindex/triggers/run-triggered.ts';
import { createScheduleTrigger } from '../../../src/reindex/triggers/schedule-trigger.ts';
import { createWatchTrigger, type WatchDependencies } from '../../../src/reindex/triggers/watch-trigger.ts';
import { systemClock } from '../../../src/util/clock.ts';
import { createReindexJob } from '../../../src/reindex/reindex-job.ts';
import type { RunOptions } from '../../../src/reindex/inventory.ts';
import { ShrinkGuardError } from '../../../src/reindex/shrink-guard.ts';
import type { ReindexPlan } from '../../../src/reindex/reindex-plan.ts';
import type { ReindexSummary } from '../../../src/reindex/reindex-summary.ts';
import { readSourceFile } from '../../../src/sources/source-file.ts';
import { createMemoryAudit } from '../../memory-audit.ts';

const SUMMARY: ReindexSummary = {
  added: 1,
  changed: 0,
  removed: 0,
  unchanged: 0,
  embedded: 1,
  rejected: [],
  total: 1,
  hidden: 0,
  hiddenBySource: {},
  seconds: 1,
};
const PLAN = { losses: [{ source: 'shop', before: 10, removed: 9 }] } as unknown as ReindexPlan;

/** The real job over an inventory whose runs end as the test says; at once and well unless told otherwise. */
function createRig() {
  const lines: string[] = [];
  const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
  const audit = createMemoryAudit();
  const asked: RunOptions[] = [];
  let answer: (options: RunOptions) => Promise<ReindexSummary> = () => Promise.resolve(SUMMARY);
  const reindex = createReindexJob({
    inventory: {
      reindex: (options = {}) => {
        asked.push(options);
        return answer(options);
      },
      plan: () => Promise.reject(new Error('Nobody asked for a plan.')),
    },
    audit,
    clock: systemClock,
  });
  return {
    lines,
    audit,
    asked,
    reindex,
    logger,
    answerWith(next: typeof answer) {
      answer = next;
    },
  };
}

interface Watched {
  readonly remove: () => Promise<void>;
  readonly write: (text: string) => Promise<void>;
}

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const close of closers.splice(0).reverse()) await close();
});

describe('a triggered reindex', () => {
  it('goes through the one job, under its own name', async () => {
    const rig = createRig();
    expect(await runTriggered('schedule', rig)).toBe('done');
    expect(rig.asked).toMatchObject([{ who: 'schedule', confirmed: [], full: false }]);
    expect(rig.audit.entries).toEqual([
      { door: 'schedule', person: '', place: '', action: 'reindex', outcome: 'started' },
      { door: 'schedule', person: '', place: '', action: 'reindex', outcome: 'finished' },
    ]);
  });

  it('never confirms a large loss: it ends, says so in the log, and waits for a person', async () => {
    const rig = createRig();
    rig.answerWith(() => Promise.reject(new ShrinkGuardError(PLAN)));
    expect(await runTriggered('watch', rig)).toBe('done');
    expect(rig.asked).toMatchObject([{ confirmed: [] }]);
    expect(rig.reindex.last()?.state().kind).toBe('needs-confirmation');
    expect(rig.audit.entries.at(-1)).toMatchObject({ door: 'watch', outcome: 'needs-confirmation' });
    expect(rig.lines.join('')).toContain('needs confirmation');
    expect(rig.lines.join('')).toContain('"removed":9');
    expect(rig.lines.join('')).toMatch(
      /a moderator .*\/reindex.* web page.*npm run inventory -- reindex --confirm \w/,
    );
  });

  it('leaves a run alone that somebody else began, and says why one failed', async () => {
    const rig = createRig();
    let end: () => void = () => undefined;
    const held = new Promise<ReindexSummary>((resolve) => {
      end = () => {
        resolve(SUMMARY);
      };
    });
    rig.answerWith(() => held);
    const run = rig.reindex.start({ kind: 'reindex', by: { door: 'web', person: 'local', place: 'page' } });
    expect(await runTriggered('schedule', rig)).toBe('busy');
    expect(rig.asked).toHaveLength(1);
    end();
    await run?.ended;
    rig.answerWith(() => Promise.reject(new Error('the disk is full')));
    expect(await runTriggered('schedule', rig)).toBe('failed');
    expect(rig.lines.join('')).toContain('the disk is full');
  });
});

describe('the schedule', () => {
  it('begins a run when its time comes, and none after it was stopped', async () => {
    vi.useFakeTimers({ now: new Date('2026-11-24T03:59:50') });
    const rig = createRig();
    const schedule = createScheduleTrigger({ ...rig, schedule: '0 4 * * *' });
    await schedule.start();
    await vi.advanceTimersByTimeAsync(9_000);
    expect(rig.asked).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(rig.asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(24 * 60 * 60 * 1000);
    expect(rig.asked).toHaveLength(2);
    await schedule.stop();
    await vi.advanceTimersByTimeAsync(3 * 24 * 60 * 60 * 1000);
    expect(rig.asked).toHaveLength(2);
  });
});

describe('watching the files of the sources', () => {
  async function openWatch({ retryMs }: Pick<WatchDependencies, 'retryMs'> = {}) {
    const folder = await mkdtemp(join(tmpdir(), 'watch-'));
    closers.push(() => rm(folder, { recursive: true, force: true }));
    const shop = join(folder, 'shop');
    await mkdir(shop);
    await writeFile(join(shop, 'red.jpg'), 'as it was');
    const table = join(folder, 'items.csv');
    await writeFile(table, 'id,title');
    const rig = createRig();
    const sources = new Map([
      ['shop', { path: shop, readAt: null }],
      ['table', { path: table, readAt: null }],
      ['feed', { path: 'https://shop.example/feed.xml', readAt: null }],
    ]);
    let away: Error | undefined;
    const inventory = { sources: () => (away ? Promise.reject(away) : Promise.resolve(sources)) };
    const sourceFile = join(folder, 'inventory.json');
    const watch = createWatchTrigger({
      ...rig,
      inventory,
      sourceFile,
      quietMs: 50,
      writtenMs: 50,
      ...(retryMs !== undefined && { retryMs }),
    });
    closers.push(() => watch.stop());
    await watch.start();
    await watch.watching;
    const storeAway = (error: Error | undefined) => {
      away = error;
    };
    return { ...rig, folder, shop, table, sourceFile, watch, storeAway };
  }
  const WAIT = { timeout: 20_000, interval: 20 };
  const aRun = ({ audit }: ReturnType<typeof createRig>) => {
    const before = audit.entries.length;
    return () =>
      vi.waitFor(() => {
        expect(audit.entries.slice(before).map(({ outcome }) => outcome)).toContain('finished');
      }, WAIT);
  };
  /** Until nothing has begun for a while, so that the next run can only be of the next change. */
  const silence = async ({ audit }: ReturnType<typeof createRig>) => {
    for (let seen = -1; seen !== audit.entries.length;) {
      seen = audit.entries.length;
      await delay(1_500);
    }
  };

  it('does nothing for what was there before', async () => {
    const { asked, watch } = await openWatch();
    await watch.stop();
    expect(asked).toEqual([]);
  });

  it.each([
    ['a new file', async (shop: string) => writeFile(join(shop, 'green.jpg'), 'new')],
    ['a changed file', async (shop: string) => writeFile(join(shop, 'red.jpg'), 'another picture')],
    ['a deleted file', async (shop: string) => rm(join(shop, 'red.jpg'))],
    [
      'a file in a new folder',
      async (shop: string) => {
        await mkdir(join(shop, 'coats'));
        await writeFile(join(shop, 'coats', 'blue.jpg'), 'new');
      },
    ],
  ])('begins a run after %s', async (_what, change) => {
    const { asked, audit, shop } = await openWatch();
    await change(shop);
    await vi.waitFor(() => {
      expect(audit.entries.at(-1)).toMatchObject({ door: 'watch', outcome: 'finished' });
    }, WAIT);
    expect(asked[0]).toMatchObject({ who: 'watch', confirmed: [] });
  });

  it('starts a run after the source file was created, replaced or deleted, but not after changes of other files beside it', async () => {
    const { asked, audit, folder, sourceFile } = await openWatch();
    const runs = (count: number) =>
      vi.waitFor(() => {
        expect(audit.entries.filter(({ outcome }) => outcome === 'finished')).toHaveLength(count);
      }, WAIT);
    await writeFile(join(folder, 'notes.txt'), 'no source');
    await writeFile(sourceFile, '{"sources":[]}');
    await runs(1);
    // As editors do it.
    await writeFile(join(folder, 'inventory.json.new'), '{"sources":[] }');
    await rename(join(folder, 'inventory.json.new'), sourceFile);
    await runs(2);
    await rm(sourceFile);
    await runs(3);
    expect(asked).toHaveLength(3);
  }, 60_000);

  it('logs an invalid source file, and keeps watching', async () => {
    const rig = await openWatch();
    const { audit, lines, sourceFile } = rig;
    rig.answerWith(async () => {
      await readSourceFile({ path: sourceFile, isRequired: false, variable: () => undefined });
      return SUMMARY;
    });
    await writeFile(sourceFile, '{"sources":[{"name":"shop"}]}');
    await vi.waitFor(() => {
      expect(audit.entries.at(-1)).toMatchObject({ door: 'watch', outcome: 'failed' });
    }, WAIT);
    await vi.waitFor(() => {
      expect(lines.join('')).toContain(`The source file ${sourceFile} is not valid`);
    }, WAIT);
    await writeFile(sourceFile, '{"sources":[]}');
    await vi.waitFor(() => {
      expect(audit.entries.at(-1)).toMatchObject({ door: 'watch', outcome: 'finished' });
    }, WAIT);
  }, 60_000);

  it('keeps watching when the known sources cannot be read, and logs that', async () => {
    const rig = await openWatch();
    rig.storeAway(new Error('connect ECONNREFUSED 127.0.0.1:6379'));
    const first = aRun(rig);
    await writeFile(join(rig.shop, 'green.jpg'), 'new');
    await first();
    await vi.waitFor(() => {
      expect(rig.lines.join('')).toContain('connect ECONNREFUSED');
    }, WAIT);
    await silence(rig);
    rig.storeAway(undefined);
    const second = aRun(rig);
    await writeFile(join(rig.shop, 'blue.jpg'), 'newer');
    await second();
  }, 60_000);

  it('begins a run that failed again, later each time, until one does not fail', async () => {
    const rig = await openWatch({ retryMs: 100 });
    const started: number[] = [];
    rig.answerWith(() => {
      started.push(performance.now());
      return started.length < 4
        ? Promise.reject(new Error('connect ECONNREFUSED 127.0.0.1:6379'))
        : Promise.resolve(SUMMARY);
    });
    const finished = aRun(rig);
    await writeFile(join(rig.shop, 'green.jpg'), 'new');
    await finished();
    await silence(rig);
    expect(rig.asked).toHaveLength(4);
    const pauses = started.slice(1).map((at, n) => at - started[n]!);
    [100, 200, 400].forEach((least, n) => {
      expect(pauses[n]).toBeGreaterThan(least);
    });
  }, 60_000);

  it('begins a run that failed again at once when a file changes, and does not hold up the end', async () => {
    const rig = await openWatch({ retryMs: 3_600_000 });
    rig.answerWith(() => Promise.reject(new Error('the disk is full')));
    await writeFile(join(rig.shop, 'green.jpg'), 'new');
    await vi.waitFor(() => {
      expect(rig.lines.join('')).toContain('the disk is full');
    }, WAIT);
    await silence(rig);
    const failures = rig.asked.length;
    await writeFile(join(rig.shop, 'blue.jpg'), 'newer');
    await vi.waitFor(() => {
      expect(rig.asked.length).toBeGreaterThan(failures);
    }, WAIT);
    await rig.watch.stop();
  }, 60_000);

  it.each<[string, (rig: Awaited<ReturnType<typeof openWatch>>) => Watched]>([
    [
      'table',
      ({ table }) => ({
        remove: () => rm(table),
        write: (text) => writeFile(table, text),
      }),
    ],
    [
      'folder',
      ({ shop }) => ({
        remove: () => rm(shop, { recursive: true }),
        async write(text) {
          await mkdir(shop, { recursive: true });
          await writeFile(join(shop, 'red.jpg'), text);
        },
      }),
    ],
  ])(
    'sees a %s come back that was away for a run, and what changes in it later',
    async (_what, open) => {
      const rig = await openWatch();
      const { remove, write } = open(rig);
      const whileAway = aRun(rig);
      await remove();
      await whileAway();
      await silence(rig);
      const returned = aRun(rig);
      await write('as it came back');
      await returned();
      await silence(rig);
      const changed = aRun(rig);
      await write('as it was changed then');
      await changed();
    },
    60_000,
  );

  it('notices changes of a table that was deleted and written again at once', async () => {
    const rig = await openWatch();
    const rewritten = aRun(rig);
    await rm(rig.table);
    await writeFile(rig.table, 'id,title,price');
    await rewritten();
    await silence(rig);
    const changed = aRun(rig);
    await writeFile(rig.table, 'id,title,price,link');
    await changed();
  }, 60_000);

  it('begins another run for what changed during one', async () => {
    const rig = await openWatch();
    const { asked, shop } = rig;
    let end: () => void = () => undefined;
    rig.answerWith(
      () =>
        new Promise((resolve) => {
          end = () => {
            resolve(SUMMARY);
          };
        }),
    );
    await writeFile(join(shop, 'green.jpg'), 'new');
    await vi.waitFor(() => {
      expect(asked).toHaveLength(1);
    }, WAIT);
    await writeFile(join(shop, 'blue.jpg'), 'newer');
    // Runs end one after the other until the change has been seen, however long the system takes to tell of it.
    await vi.waitFor(() => {
      end();
      expect(asked.length).toBeGreaterThanOrEqual(2);
    }, WAIT);
    end();
  });
});
