import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type AuditOutcome, closeDeadRun, createAuditLog, readAuditLog } from '../../src/store/audit-log.ts';

const ENTRY = { door: 'discord', person: '7', place: 'outfits', action: 'mode', argument: 'auto' } as const;

describe('the audit log', () => {
  let folder: string;
  let file: string;
  const complaints: unknown[] = [];
  const logger = { error: (line: unknown) => complaints.push(line) };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'audit-'));
    file = join(folder, 'audit.jsonl');
    complaints.length = 0;
  });
  afterEach(async () => {
    vi.useRealTimers();
    await rm(folder, { recursive: true });
  });

  it('keeps a line each, in order, however many come at once', async () => {
    const audit = createAuditLog(file, logger);
    await Promise.all(
      Array.from({ length: 50 }, (_, n) => audit.record({ ...ENTRY, place: `${n}`, outcome: 'done' })),
    );
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { place: string }).place)).toEqual(
      Array.from({ length: 50 }, (_, n) => `${n}`),
    );
    expect(await readAuditLog(file, 3)).toEqual(
      [47, 48, 49].map((n) => ({
        at: expect.stringMatching(/^\d{4}-.*Z$/) as string,
        ...ENTRY,
        place: `${n}`,
        outcome: 'done',
      })),
    );
  });

  it('goes on after a crash that cut a line off', async () => {
    await createAuditLog(file, logger).record({ ...ENTRY, outcome: 'done' });
    await appendFile(file, '{"at":"2026-11-24T19:47');
    const audit = createAuditLog(file, logger);
    await audit.record({ ...ENTRY, person: '8', outcome: 'failed' });
    await audit.record({ ...ENTRY, person: '9', outcome: 'done' });
    expect((await readAuditLog(file, 10)).map(({ person }) => person)).toEqual(['7', '8', '9']);
    expect((await readFile(file, 'utf8')).split('\n')).toHaveLength(5);
  });

  it('adds to what is there and is read by its owner alone', async () => {
    await writeFile(file, '');
    await rm(file);
    await createAuditLog(file, logger).record({ ...ENTRY, outcome: 'done' });
    await createAuditLog(file, logger).record({ ...ENTRY, outcome: 'done' });
    expect(await readAuditLog(file, 10)).toHaveLength(2);
    expect((await stat(file)).mode & 0o077).toBe(0);
  });

  it('keeps one of many refusals of the same person in a minute, and all of different ones', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const audit = createAuditLog(file, logger);
    const refuse = (person: string, action = 'mode') =>
      audit.record({ ...ENTRY, person, action, outcome: 'refused' });
    for (let time = 0; time < 5; time++) await refuse('7');
    await refuse('8');
    await refuse('7', 'reindex');
    expect(await readAuditLog(file, 10)).toHaveLength(3);
    vi.advanceTimersByTime(60_001);
    await refuse('7');
    expect(await readAuditLog(file, 10)).toHaveLength(4);
  });

  it('says in the log what it could not keep, and stops nothing', async () => {
    const audit = createAuditLog(join(folder, 'missing', 'audit.jsonl'), logger);
    await expect(audit.record({ ...ENTRY, outcome: 'done' })).resolves.toBeUndefined();
    expect(complaints).toEqual([expect.objectContaining({ person: '7', outcome: 'done' })]);
  });

  it('closes the run of a process that died as the run ended, and one that never began as interrupted', async () => {
    const audit = createAuditLog(file, logger);
    const run = { door: 'web', person: 'local', place: '', action: 'reindex' } as const;
    const outcomes = async (): Promise<AuditOutcome[]> =>
      (await readAuditLog(file, 10)).map(({ outcome }) => outcome);
    const now = () => new Date().toISOString();
    await closeDeadRun(file, audit, []);
    expect(await outcomes()).toEqual([]);

    await audit.record({ ...run, argument: 'full', outcome: 'started' });
    await audit.record({ ...ENTRY, outcome: 'done' });
    const dead = { kind: 'reindex', startedAt: now(), outcome: 'stopped' } as const;
    const ofThisProcess = { kind: 'reindex', startedAt: now(), outcome: 'finished' } as const;
    await closeDeadRun(file, audit, [ofThisProcess, dead]);
    await closeDeadRun(file, audit, [ofThisProcess, dead]);
    expect(await outcomes()).toEqual(['started', 'done', 'stopped']);
    expect((await readAuditLog(file, 1))[0]).toMatchObject({ ...run, argument: 'full' });

    const before = now();
    await new Promise((resolve) => setTimeout(resolve, 2));
    await audit.record({ ...run, argument: 'plan', outcome: 'started' });
    await closeDeadRun(file, audit, [
      { kind: 'import', startedAt: now(), outcome: 'finished' },
      { kind: 'reindex', startedAt: before, outcome: 'finished' },
    ]);
    expect((await outcomes()).slice(3)).toEqual(['started', 'interrupted']);
  });

  it('is empty where nothing was ever recorded', async () => {
    expect(await readAuditLog(file, 10)).toEqual([]);
  });
});
