import { cp, mkdtemp, readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assetsFolder } from '../shipped-model.ts';
import { type Running, runScript, startScript } from './run-script.ts';

const IMAGES = join(assetsFolder, 'demo-inventory', 'images');
const photo = join(IMAGES, '10007.jpg');

describe('while the bot runs', () => {
  let environment: Record<string, string>;
  let bot: Running;
  let shop: string;

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'running-'));
    shop = join(folder, 'shop');
    for (const name of ['10007.jpg', ...(await readdir(IMAGES)).slice(-9, -1)])
      await cp(join(IMAGES, name), join(shop, name));
    environment = { DATA_DIR: join(folder, 'data'), PORT: '0', LOG_LEVEL: 'info' };
    await runScript('scripts/inventory.ts', ['import', shop], environment);
    bot = startScript('src/main.ts', [], environment);
    await bot.saw('ready: open');
  });

  afterAll(async () => {
    bot.kill('SIGTERM');
    expect((await bot.finished).code).toBe(0);
  });

  it('find answers from the same inventory', async () => {
    const { code, stdout, stderr } = await runScript('scripts/find.ts', [photo], environment);
    expect(stderr).toBe('');
    expect(stdout).toMatch(
      /1\. 1\.000 {2}nearly identical +shop\/10007|1\. 1\.000 {2}nearly identical +10007/,
    );
    expect(code).toBe(0);
  });

  it('status counts the items, and takes no run for interrupted', async () => {
    const { code, stdout, stderr } = await runScript('scripts/inventory.ts', ['status'], environment);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^Source {3}shop: 9 items/m);
    expect(stdout).toMatch(/^Run .*import by .*: finished/m);
    expect(code).toBe(0);
  });

  it('plan shows what a reindex would change, and changes nothing', async () => {
    const other = (await readdir(IMAGES)).at(-1)!;
    await cp(join(IMAGES, other), join(shop, other));
    for (let times = 0; times < 2; times++) {
      const { code, stdout } = await runScript('scripts/inventory.ts', ['plan'], environment);
      expect(stdout).toContain('A reindex would leave 10 items: 1 added');
      expect(stdout).toContain('Nothing was changed');
      expect(code).toBe(0);
    }
  });

  it('what writes is refused, with the process that holds the folder', async () => {
    const { code, stderr } = await runScript('scripts/inventory.ts', ['reindex'], environment);
    expect(stderr).toMatch(/is in use by process \d+ \(the bot, since /);
    expect(code).toBe(1);
  });

  it('leaves no copy of the data behind', async () => {
    expect((await readdir(environment.DATA_DIR!)).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

it('a port that is taken is noticed before anything is written', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'taken-'));
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  const { code, stderr } = await runScript('src/main.ts', [], {
    DATA_DIR: join(folder, 'data'),
    PORT: String(port),
  });
  other.close();
  expect(stderr).toContain(`Port ${port} of 127.0.0.1 is taken by another program.`);
  expect(code).not.toBe(0);
  expect(await readdir(folder)).toEqual([]);
});
