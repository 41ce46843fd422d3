import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { OperatorError } from '../../src/util/errors.ts';
import { openLevelStore } from '../../src/store/level-store.ts';
import { describeStore } from '../contracts/store.ts';
import { createMemoryStore } from '../memory-store.ts';
import { canMount, mountSmallDisk } from '../small-disk.ts';

const folder = mkdtempSync(join(tmpdir(), 'level-store-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the level store', () => {
  describeStore({ open: () => openLevelStore(join(folder, 'contract')), durable: true });

  it('refuses a second opening, with the code in the cause', async () => {
    const store = await openLevelStore(join(folder, 'locked'));
    const second = openLevelStore(join(folder, 'locked'));
    await expect(second).rejects.toThrow(OperatorError);
    await expect(second).rejects.toMatchObject({ cause: { code: 'LEVEL_LOCKED' } });
    await store.close();
  });

  it('names the folder and the repair when its files are damaged', async () => {
    const path = join(folder, 'damaged');
    await (await openLevelStore(path)).close();
    writeFileSync(join(path, 'CURRENT'), 'nonsense');
    await expect(openLevelStore(path)).rejects.toThrow(/damaged.*import the inventory again/);
  });

  it('iterates over a snapshot, which does not change while records are written', async () => {
    const store = await openLevelStore(join(folder, 'snapshot'));
    const records = store.namespace<number>('one');
    await records.set('a', 1);
    await records.set('b', 2);
    const seen: string[] = [];
    for await (const [key] of records.iterator?.(undefined) as AsyncIterable<[string, number]>) {
      await records.set(`z${key}`, 3);
      seen.push(key);
    }
    expect(seen).toEqual(['a', 'b']);
    await store.close();
  });

  describe.skipIf(!canMount)('on a full disk (needs root, to mount a small one)', () => {
    it('keeps earlier records, refuses every later write, and works again after the repair', async () => {
      const disk = mountSmallDisk(folder, 512);
      try {
        const store = await openLevelStore(join(disk.path, 'store'));
        const records = store.namespace<string>('one');
        let stored = 0;
        const filling = async () => {
          for (;;) {
            await records.set(`key ${stored}`, Math.random().toString(36).repeat(100));
            stored++;
          }
        };
        await expect(filling()).rejects.toThrow(/disk is full/);
        await expect(records.set('one more', 'x')).rejects.toThrow(OperatorError);
        expect(await records.get('key 0')).toBeDefined();
        await store.close();

        execFileSync('mount', ['-o', 'remount,size=4096k', disk.path]);
        const again = await openLevelStore(join(disk.path, 'store'));
        const keys = Array.from({ length: stored }, (_, n) => `key ${n}`);
        expect((await again.namespace('one').getMany(keys)).filter((value) => value === undefined)).toEqual(
          [],
        );
        await again.namespace('one').set('one more', 'x');
        await again.close();
      } finally {
        disk.unmount();
      }
    });
  });
});

describe('the memory store of the tests', () => {
  const store = createMemoryStore();
  describeStore({ open: () => Promise.resolve(store), durable: false });
});
