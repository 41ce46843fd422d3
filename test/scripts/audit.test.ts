import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { auditRun } from '../../scripts/inventory/audit-run.ts';
import { OperatorError } from '../../src/util/errors.ts';
import { ShrinkGuardError } from '../../src/reindex/shrink-guard.ts';
import { RunEndedError } from '../../src/reindex/run-history.ts';
import {
  AUDIT_FILE,
  type AuditEntry,
  type AuditOutcome,
  createAuditLog,
  readAuditLog,
} from '../../src/store/audit-log.ts';
import { openDataFolder } from '../../src/store/data-folder.ts';
import { runScript } from './run-script.ts';

const folder = await mkdtemp(join(tmpdir(), 'audit-script-'));
afterAll(() => rm(folder, { recursive: true }));

const NOTHING = {
  added: 0,
  changed: 0,
  removed: 3,
  unchanged: 1,
  rejected: [],
  toEmbed: 0,
  sources: [],
  total: 1,
  hidden: 0,
  seconds: 1,
};

it('npm run inventory -- audit lists what moderators did, also while the bot holds the folder', async () => {
  const held = await openDataFolder(folder, 'the bot');
  const audit = createAuditLog(join(folder, AUDIT_FILE), { error: () => undefined });
  await audit.record({
    door: 'telegram',
    person: '7',
    place: '-100',
    action: 'mode',
    argument: 'auto',
    outcome: 'done',
  });
  await audit.record({ door: 'schedule', person: '', place: '', action: 'reindex', outcome: 'finished' });
  const { code, stdout } = await runScript('scripts/inventory.ts', ['audit'], { DATA_DIR: folder });
  await held.close();
  expect(stdout.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/^\d{4}-.*Z {2}mode auto: done, telegram person 7 in -100$/),
    expect.stringMatching(/Z {2}reindex: finished, schedule$/),
  ]);
  expect(code).toBe(0);
});

it('npm run inventory is in the audit log itself: who, what for, and how it ended', async () => {
  const data = join(folder, 'own');
  const removed = await runScript('scripts/inventory.ts', ['remove', 'shop'], { DATA_DIR: data });
  expect(removed.stderr).toContain('There is no source "shop"');
  const by = { door: 'command-line', person: userInfo().username, place: '' };
  expect(await readAuditLog(join(data, AUDIT_FILE), 10)).toEqual([
    { at: expect.any(String) as string, ...by, action: 'remove', argument: 'shop', outcome: 'started' },
    { at: expect.any(String) as string, ...by, action: 'remove', argument: 'shop', outcome: 'failed' },
  ]);
}, 120_000);

it('a run from the command line ends in the log as it ended', async () => {
  const entries: Omit<AuditEntry, 'at'>[] = [];
  const audit = { record: (entry: Omit<AuditEntry, 'at'>) => Promise.resolve(void entries.push(entry)) };
  const ends: [Error | undefined, AuditOutcome][] = [
    [undefined, 'finished'],
    [new OperatorError('No.'), 'failed'],
    [
      new ShrinkGuardError({ ...NOTHING, losses: [{ source: 'shop', before: 4, removed: 3 }] }),
      'needs-confirmation',
    ],
  ];
  for (const [error, outcome] of ends) {
    const run = { action: 'reindex', argument: 'full', signal: new AbortController().signal } as const;
    const work = () => (error === undefined ? Promise.resolve(7) : Promise.reject(error));
    const result = await auditRun(audit, run, work).catch((thrown: unknown) => thrown);
    expect(result).toBe(error ?? 7);
    expect(entries.splice(0)).toMatchObject([
      { action: 'reindex', argument: 'full', outcome: 'started' },
      { action: 'reindex', argument: 'full', outcome },
    ]);
  }
  const stopping = new AbortController();
  const stopped = auditRun(audit, { action: 'import', argument: 'shop', signal: stopping.signal }, () => {
    stopping.abort(new RunEndedError('stopped', 'Stopped.'));
    return Promise.reject(new Error('aborted'));
  });
  await expect(stopped).rejects.toThrow('aborted');
  expect(entries.at(-1)).toMatchObject({ action: 'import', outcome: 'stopped' });
});
