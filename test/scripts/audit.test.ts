import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { AUDIT_FILE, createAuditLog } from '../../src/store/audit-log.ts';
import { openDataFolder } from '../../src/store/data-folder.ts';
import { runScript } from './run-script.ts';

const folder = await mkdtemp(join(tmpdir(), 'audit-script-'));
afterAll(() => rm(folder, { recursive: true }));

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
