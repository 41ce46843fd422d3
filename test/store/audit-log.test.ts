import { appendFile, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type AuditOutcome,
  closeInterruptedRun,
  createAuditLog,
  readAuditLog,
} from '../../src/store/audit-log.ts';

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

  it('keeps one line for each entry, in order, however many are recorded at once', async () => {
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

  it('continues after a crash that cut a line off', async () => {
    await createAuditLog(file, logger).record({ ...ENTRY, outcome: 'done' });
    await appendFile(file, '{"at":"2026-11-24T19:47');
    const audit = createAuditLog(file, logger);
    await audit.record({ ...ENTRY, person: '8', outcome: 'failed' });
    await audit.record({ ...ENTRY, person: '9', outcome: 'done' });
    expect((await readAuditLog(file, 10)).map(({ person }) => person)).toEqual(['7', '8', '9']);
    expect((await readFile(file, 'utf8')).split('\n')).toHaveLength(5);
  });

  it('appends to an existing file, which only its owner may read', async () => {
    await writeFile(file, '');
    await rm(file);
    await createAuditLog(file, logger).record({ ...ENTRY, outcome: 'done' });
    await createAuditLog(file, logger).record({ ...ENTRY, outcome: 'done' });
    expect(await readAuditLog(file, 10)).toHaveLength(2);
    expect((await stat(file)).mode & 0o077).toBe(0);
  });

  it('keeps one refusal of the same person and action in a minute, and every different one', async () => {
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

  it('logs an entry that cannot be written, and does not fail', async () => {
    const audit = createAuditLog(join(folder, 'missing', 'audit.jsonl'), logger);
    await expect(audit.record({ ...ENTRY, outcome: 'done' })).resolves.toBeUndefined();
    expect(complaints).toEqual([expect.objectContaining({ person: '7', outcome: 'done' })]);
  });

  it('closes the run of a dead process with the outcome in the run history, or as interrupted when it is not there', async () => {
    const audit = createAuditLog(file, logger);
    const run = { door: 'web', person: 'local', place: '', action: 'reindex' } as const;
    const outcomes = async (): Promise<AuditOutcome[]> =>
      (await readAuditLog(file, 10)).map(({ outcome }) => outcome);
    const now = () => new Date().toISOString();
    await closeInterruptedRun(file, audit, []);
    expect(await outcomes()).toEqual([]);

    await audit.record({ ...run, argument: 'full', outcome: 'started' });
    await audit.record({ ...ENTRY, outcome: 'done' });
    const interrupted = { kind: 'reindex', startedAt: now(), outcome: 'stopped' } as const;
    const ofThisProcess = { kind: 'reindex', startedAt: now(), outcome: 'finished' } as const;
    await closeInterruptedRun(file, audit, [ofThisProcess, interrupted]);
    await closeInterruptedRun(file, audit, [ofThisProcess, interrupted]);
    expect(await outcomes()).toEqual(['started', 'done', 'stopped']);
    expect((await readAuditLog(file, 1))[0]).toMatchObject({ ...run, argument: 'full' });

    const before = now();
    await new Promise((resolve) => setTimeout(resolve, 2));
    await audit.record({ ...run, argument: 'plan', outcome: 'started' });
    await closeInterruptedRun(file, audit, [
      { kind: 'import', startedAt: now(), outcome: 'finished' },
      { kind: 'reindex', startedAt: before, outcome: 'finished' },
    ]);
    expect((await outcomes()).slice(3)).toEqual(['started', 'interrupted']);
  });

  it('reads only the end of a large file', async () => {
    // A sparse file of 3 GB: Node cannot read more than 2 GiB into memory at once.
    await writeFile(file, '');
    await truncate(file, 3_000_000_000);
    const audit = createAuditLog(file, logger);
    await closeInterruptedRun(file, audit, []);
    expect((await stat(file)).size).toBe(3_000_000_000);

    await audit.record({ ...ENTRY, action: 'reindex', outcome: 'started' });
    await audit.record({ ...ENTRY, outcome: 'done' });
    await closeInterruptedRun(file, audit, []);
    expect((await readAuditLog(file, 3)).map(({ outcome }) => outcome)).toEqual([
      'started',
      'done',
      'interrupted',
    ]);
    expect(complaints).toEqual([]);
  });

  it('is empty where nothing was ever recorded', async () => {
    expect(await readAuditLog(file, 10)).toEqual([]);
  });
});
