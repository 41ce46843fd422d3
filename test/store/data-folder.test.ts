import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { ClosedError, OperatorError } from '../../src/util/errors.ts';
import { openDataFolder } from '../../src/store/data-folder.ts';
import { builtProgram } from '../build-programs.ts';
import { canMount, mountSmallDisk } from '../small-disk.ts';

const parent = mkdtempSync(join(tmpdir(), 'data-folder-'));
// The unprivileged process below must be able to read up to here.
chmodSync(parent, 0o755);
const children: ChildProcess[] = [];
const isRoot = process.getuid?.() === 0;

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => {
  rmSync(parent, { recursive: true, force: true });
});

describe('openDataFolder', () => {
  it('creates what is missing and keeps it for the next opening', async () => {
    const path = join(parent, 'new', 'deep');
    const folder = await openDataFolder(path, 'test');
    expect(folder.path).toBe(path);
    expect(existsSync(folder.indexFolder)).toBe(true);
    expect(existsSync(folder.picturesFolder)).toBe(true);
    await folder.store.namespace('items').set('a', 1);
    await folder.close();
    await folder.close();
    await expect(folder.store.namespace('items').get('a')).rejects.toThrow(ClosedError);

    const again = await openDataFolder(path, 'test');
    expect(await again.store.namespace('items').get('a')).toBe(1);
    await again.close();
  });

  it('leaves nothing behind but the stored data', async () => {
    const folder = await openDataFolder(join(parent, 'clean'), 'test');
    expect(JSON.parse(readFileSync(join(folder.path, 'owner.json'), 'utf8'))).toMatchObject({
      pid: process.pid,
      purpose: 'test',
    });
    await folder.close();
    expect(existsSync(join(folder.path, 'owner.json'))).toBe(false);
  });

  it('refuses a second process with the name of the first and the repair, and is free at once after kill -9', async () => {
    const path = join(parent, 'contended');
    const { child, line } = await hold(path, 'inventory import');
    expect(line).toBe('open');

    const error = await failureOf(path);
    expect(error.message).toContain(path);
    expect(error.message).toContain(`process ${child.pid} (inventory import, since 20`);
    expect(error.message).toMatch(/Stop that process .* or set DATA_DIR/);

    const gone = new Promise((done) => child.once('exit', done));
    child.kill('SIGKILL');
    await gone;
    const folder = await openDataFolder(path, 'the bot');
    expect(await folder.store.namespace('items').get('written before the crash')).toBe(true);
    expect((await hold(path, 'another')).line).toContain(`process ${process.pid} (the bot, since 20`);
    await folder.close();
  });

  it('refuses a second opening in the same process', async () => {
    const folder = await openDataFolder(join(parent, 'twice'), 'the first');
    expect((await failureOf(folder.path)).message).toContain('the first');
    await folder.close();
  });

  it('refuses without details when the owner file is not written yet', async () => {
    const folder = await openDataFolder(join(parent, 'anonymous'), 'test');
    writeFileSync(join(folder.path, 'owner.json'), '{');
    expect((await failureOf(folder.path)).message).toContain('another process that has just started');
    await folder.close();
  });

  it('reports a file that is in the way', async () => {
    writeFileSync(join(parent, 'file'), '');
    expect((await failureOf(join(parent, 'file'))).message).toMatch(/a file is in the way/);
    expect((await failureOf(join(parent, 'file', 'below'))).message).toMatch(/a file is in the way/);
  });

  it.skipIf(!isRoot)(
    'names folder, user and repair when it may not write (needs root, to become another user)',
    async () => {
      const path = join(parent, 'not-mine');
      mkdirSync(path, { mode: 0o755 });
      const { line } = await hold(path, 'test', { uid: 65534, gid: 65534 });
      expect(line).toMatch(/cannot be written by user id 65534 \(EACCES\).*chown -R 65534 .*not-mine/);
    },
  );

  it.skipIf(!canMount)('names folder and repair on a read-only disk (needs root, to mount one)', async () => {
    const disk = mountSmallDisk(parent, 64, 'ro');
    try {
      expect((await failureOf(disk.path)).message).toMatch(/cannot be written by .*mount it writable/);
    } finally {
      disk.unmount();
    }
  });

  it.skipIf(!canMount)('reports a full disk (needs root, to mount a small one)', async () => {
    const disk = mountSmallDisk(parent, 64);
    try {
      writeFileSync(join(disk.path, 'big'), Buffer.alloc(60 * 1024));
      expect((await failureOf(disk.path)).message).toMatch(/full.*Free some space/);
      // Enough space for the write test, but not for the database.
      writeFileSync(join(disk.path, 'big'), Buffer.alloc(52 * 1024));
      expect((await failureOf(disk.path)).message).toMatch(/full.*Free some space/);
    } finally {
      disk.unmount();
    }
  });
});

async function failureOf(path: string): Promise<OperatorError> {
  const error: unknown = await openDataFolder(path, 'test').then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(OperatorError);
  return error as OperatorError;
}

/** The other process and the first line that it printed: `open`, or the reason why it could not open the folder. */
async function hold(
  path: string,
  purpose: string,
  user: { uid?: number; gid?: number } = {},
): Promise<{ child: ChildProcess; line: string }> {
  const child = spawn(process.execPath, [builtProgram('test/hold-data-folder.ts'), path, purpose], {
    ...user,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const line = await new Promise<string>((done) => {
    child.stdout.once('data', (chunk: Buffer) => {
      done(chunk.toString().trim());
    });
    child.once('exit', () => {
      done('it ended without a word');
    });
  });
  return { child, line };
}
