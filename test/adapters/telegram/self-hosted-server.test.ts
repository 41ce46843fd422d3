import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createDownload } from '../../../src/adapters/telegram/api/download.ts';
import { systemClock } from '../../../src/util/clock.ts';
import { BusyError } from '../../../src/util/errors.ts';
import { photo, useBenches } from './telegram-fixture.ts';

const openBench = useBenches();

describe('a self-hosted Bot API server', () => {
  it('provides photos as files on this disk, which the door reads', async () => {
    const { driver } = await openBench({ fake: { localMode: true } });
    const ada = driver.person('Ada');
    await driver.post(ada, 'direct', [await photo()]);
    expect((await driver.answer('direct', ada, 1)).pictures).toHaveLength(5);
    expect(driver.fake.callsOf('file')).toEqual([]);
  });

  it('accepts files of any size, but the door reads none above its own limit', async () => {
    const { driver } = await openBench({ fake: { localMode: true } });
    const ada = driver.person('Ada');
    const bytes = Buffer.alloc(30_000_000, 7);
    await driver.post(ada, 'direct', [{ bytes, name: 'huge.jpg', type: 'image/jpeg' }], { asFiles: true });
    expect((await driver.answer('direct', ada, 1)).text).toMatch(/too large: 12 MB/);
  });

  describe('that names a file', () => {
    async function read(path: string): Promise<{ bytes: Promise<Uint8Array>; lines: string[] }> {
      const lines: string[] = [];
      const download = createDownload({
        api: {
          call: () => Promise.resolve({ file_path: path }),
          fileUrl: () => new URL('http://127.0.0.1:9/never'),
        },
        clock: systemClock,
        maxBytes: 1_000_000,
        isSelfHosted: true,
        logger: pino({}, { write: (line: string) => void lines.push(line) }),
      });
      const bytes = download({ fileId: 'a', spoiler: false }, new AbortController().signal);
      await bytes.catch(() => undefined);
      return { bytes, lines };
    }

    it('is not trusted about its size: the size on the disk counts', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'self-hosted-server-'));
      const path = join(folder, 'huge.jpg');
      await writeFile(path, Buffer.alloc(1_000_001));
      const { bytes } = await read(path);
      await expect(bytes).rejects.toMatchObject({ problem: 'photo-too-large' });
      await rm(folder, { recursive: true });
    });

    it('that is not on this disk is logged for the operator without its path, which contains the token', async () => {
      const { bytes, lines } = await read('/nowhere/7000000001:AASecret/photos/file_1.jpg');
      await expect(bytes).rejects.toBeInstanceOf(BusyError);
      expect(lines).toHaveLength(1);
      expect(lines[0]).toContain('its folder must be readable here');
      expect(lines[0]).toContain('ENOENT');
      expect(lines[0]).not.toContain('AASecret');
    });

    it('does not make the door read a folder', async () => {
      const { bytes } = await read(tmpdir());
      await expect(bytes).rejects.toBeInstanceOf(BusyError);
    });
  });
});
