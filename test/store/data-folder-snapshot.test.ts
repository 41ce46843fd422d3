import { mkdtemp, mkdir, readdir, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DataFolderInUseError, openDataFolder } from '../../src/store/data-folder.ts';
import { openDataFolderSnapshot } from '../../src/store/data-folder-snapshot.ts';

async function heldFolder() {
  const path = await mkdtemp(join(tmpdir(), 'snapshot-'));
  const held = await openDataFolder(path, 'a test');
  onTestFinished(() => held.close());
  return { path, held, items: held.store.namespace<string>('items') };
}

describe('a snapshot of a data folder', () => {
  it('holds what was written before it, while another process holds the folder', async () => {
    const { path, items } = await heldFolder();
    await items.set('a', 'coat');
    await expect(openDataFolder(path, 'a second one')).rejects.toThrow(DataFolderInUseError);
    const snapshot = await openDataFolderSnapshot(path);
    expect(snapshot.isSnapshot).toBe(true);
    expect(await snapshot.store.namespace<string>('items').get('a')).toBe('coat');
    await snapshot.close();
  });

  it('and its folder do not see what is written to the other one, and it leaves nothing behind', async () => {
    const { path, items } = await heldFolder();
    await items.set('a', 'coat');
    const snapshot = await openDataFolderSnapshot(path);
    const copied = snapshot.store.namespace<string>('items');
    await copied.set('a', 'changed in the copy');
    await items.set('b', 'later');
    expect(await items.get('a')).toBe('coat');
    expect(await copied.get('b')).toBeUndefined();
    await snapshot.close();
    await snapshot.close();
    expect((await readdir(path)).filter((name) => name.startsWith('.snapshot-'))).toEqual([]);
  });

  it('can be taken at any moment of heavy writing, and is never older than what was there when it began', async () => {
    const { path, items } = await heldFolder();
    const value = 'x'.repeat(2_000);
    let written = 0;
    const stopping = new AbortController();
    const write = async (): Promise<void> => {
      for (; !stopping.signal.aborted; written++)
        await items.set(`key ${written % 3_000}`, `${written} ${value}`);
    };
    const writing = write();
    onTestFinished(() => {
      stopping.abort();
    });
    // Enough for LevelDB to write tables (4 MB each) and to compact them while snapshots are taken.
    for (let taken = 0; taken < 12; taken++) {
      while (written < (taken + 1) * 1_500) await new Promise((resolve) => setTimeout(resolve, 5));
      const before = written - 1;
      const snapshot = await openDataFolderSnapshot(path);
      const found = await snapshot.store.namespace<string>('items').get(`key ${before % 3_000}`);
      expect(Number(found?.split(' ')[0])).toBeGreaterThanOrEqual(before);
      await snapshot.close();
    }
    stopping.abort();
    await writing;
    // What the copies did to their files, they did to no file of the original.
    for (let key = 0; key < 3_000; key += 100) expect(await items.get(`key ${key}`)).toBeDefined();
    expect((await readdir(join(path, 'store'))).some((name) => name.endsWith('.ldb'))).toBe(true);
  });

  it('removes what a program left behind that was killed, and not what one uses now', async () => {
    const { path } = await heldFolder();
    const old = join(path, '.snapshot-old');
    await mkdir(old);
    await utimes(old, new Date(0), new Date(0));
    await mkdir(join(path, '.snapshot-new'));
    const snapshot = await openDataFolderSnapshot(path);
    const names = (await readdir(path)).filter((name) => name.startsWith('.snapshot-'));
    expect(names).not.toContain('.snapshot-old');
    expect(names).toContain('.snapshot-new');
    await snapshot.close();
  });
});
