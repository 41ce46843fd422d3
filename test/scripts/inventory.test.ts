import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '../../src/util/logger.ts';
import { openHnswIndex } from '../../src/search/hnsw-index.ts';
import { shippedModel } from '../shipped-model.ts';
import { runScript, startScript } from './run-script.ts';

/** Enough for an import that takes longer than the delays after which it is killed. */
const PICTURES = 60;
let shop: string;

beforeAll(async () => {
  shop = join(await mkdtemp(join(tmpdir(), 'shop-')), 'shop');
  await mkdir(shop);
  for (let n = 0; n < PICTURES; n++) {
    const background = { r: (n * 67) % 256, g: (n * 131) % 256, b: (n * 29) % 256 };
    const block = {
      create: {
        width: 10 + (n % 40),
        height: 20 + (n % 50),
        channels: 3 as const,
        background: { r: 255 - background.r, g: n % 256, b: 80 },
      },
    };
    const picture = sharp({ create: { width: 60, height: 80, channels: 3, background } });
    await picture
      .composite([{ input: block, left: n % 8, top: n % 9 }])
      .jpeg()
      .toFile(join(shop, `item ${n}.jpg`));
  }
  await writeFile(join(shop, 'broken.jpg'), 'not a picture');
});

const freshFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'inventory-script-'));

async function indexed(dataFolder: string): Promise<{ ids: string[]; nearest: unknown }> {
  const index = await openHnswIndex({
    folder: join(dataFolder, 'index'),
    fingerprint: shippedModel.fingerprint,
    logger: createLogger('silent'),
  });
  const ids = [...index!.entries()].map(({ id }) => id).sort();
  const nearest = await index!.nearest((await index!.vector(ids[0]!))!, 5);
  await index!.close();
  return { ids, nearest };
}

describe('npm run inventory', () => {
  it('imports a folder, says what it did and what it could not use, and does nothing the second time', async () => {
    const environment = { DATA_DIR: await freshFolder() };
    const first = await runScript('scripts/inventory.ts', ['import', shop], environment);
    const all = `${PICTURES + 1} of ${PICTURES + 1}`;
    expect(first.stderr).toMatch(new RegExp(`Reading and embedding: ${all} \\(100 %\\), \\S+, .+ left`));
    expect(first.stdout).toMatch(
      new RegExp(
        `^${PICTURES} items can be found now: ${PICTURES} added, 0 changed, 0 removed, 0 unchanged \\(${PICTURES} pictures embedded\\)`,
      ),
    );
    expect(first.stdout).toMatch(/1 record could not be used:\n {2}.*broken\.jpg: .+/);
    expect(first.code).toBe(0);

    const second = await runScript('scripts/inventory.ts', ['import', shop], environment);
    expect(second.stdout).toContain(
      `0 added, 0 changed, 0 removed, ${PICTURES} unchanged (0 pictures embedded)`,
    );
    const status = await runScript('scripts/inventory.ts', ['status'], environment);
    expect(status.stdout).toMatch(
      new RegExp(
        `Engine {3}onnx on cpu\\n(?:Not used .*\\n)+Index {4}${PICTURES} items[^]*Source {3}shop: .*/shop, read \\d{4}-`,
      ),
    );
  });

  it('killed at any moment goes on where it was, and ends with the index of an undisturbed run', async () => {
    const undisturbed = await freshFolder();
    await runScript('scripts/inventory.ts', ['import', shop], { DATA_DIR: undisturbed });

    const killed = await freshFolder();
    let kills = 0;
    for (const delay of [0, 40, 90, 150, 230]) {
      const child = startScript('scripts/inventory.ts', ['import', shop], { DATA_DIR: killed });
      // The first plain line comes with the first record; from there on, moments spread over the run.
      await child.saw('Reading and embedding');
      await new Promise((resolve) => setTimeout(resolve, delay));
      child.kill('SIGKILL');
      if ((await child.finished).signal === 'SIGKILL') kills++;
    }
    expect(kills).toBeGreaterThan(0);
    console.log(`killed ${kills} of 5 runs before they ended`);

    const last = await runScript('scripts/inventory.ts', ['import', shop], { DATA_DIR: killed });
    expect(last.code).toBe(0);
    const embedded = Number(/\((\d+) pictures embedded\)/.exec(last.stdout)?.[1]);
    expect(embedded).toBeLessThan(PICTURES);
    expect(await indexed(killed)).toEqual(await indexed(undisturbed));
    // Whoever died is told as such by the next process.
    const audit = await runScript('scripts/inventory.ts', ['audit'], { DATA_DIR: killed });
    const outcomes = [...audit.stdout.matchAll(/: ([\w-]+), command-line/g)].map(([, outcome]) => outcome);
    expect(outcomes.filter((_, n) => n % 2 === 0)).toEqual(Array(outcomes.length / 2).fill('started'));
    expect(outcomes.at(-1)).toBe('finished');
    expect(outcomes.filter((outcome) => outcome === 'interrupted').length).toBeGreaterThanOrEqual(kills - 1);
  }, 120_000);

  it('stops in order on Ctrl-C and says how to continue', async () => {
    const environment = { DATA_DIR: await freshFolder() };
    const child = startScript('scripts/inventory.ts', ['import', shop], environment);
    await child.saw('Reading and embedding');
    child.kill('SIGINT');
    const stopped = await child.finished;
    expect(stopped.stderr).toContain('run the same command again to continue');
    expect(stopped.code).toBe(130);
    expect((await runScript('scripts/inventory.ts', ['import', shop], environment)).code).toBe(0);
  });

  it('explains what is wrong without a stack trace and with exit code 1', async () => {
    const environment = { DATA_DIR: await freshFolder() };
    const cases: [string[], RegExp][] = [
      [['import', '/no/such/place'], /\/no\/such\/place/],
      [['imprt', 'x'], /There is no command "imprt"[^]*Usage/],
      [['remove', 'nothing'], /There is no source "nothing"/],
      [['reindex'], /no source to read again/],
    ];
    for (const [args, message] of cases) {
      const { code, stderr } = await runScript('scripts/inventory.ts', args, environment);
      expect(stderr).toMatch(message);
      expect(stderr).not.toMatch(/\n\s+at /);
      expect(code).toBe(1);
    }
  }, 120_000);

  it('refuses to write to a data folder that another process holds, and names that process', async () => {
    const environment = { DATA_DIR: await freshFolder() };
    const holder = startScript('scripts/inventory.ts', ['import', shop], environment);
    await holder.saw('Reading and embedding');
    // Held still, so that it cannot end before the other one has asked.
    holder.kill('SIGSTOP');
    const refused = await runScript('scripts/inventory.ts', ['reindex'], environment);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`process ${holder.pid} (npm run inventory -- import`);
    holder.kill('SIGCONT');
    expect((await holder.finished).code).toBe(0);
  });

  it('takes out what left the source', async () => {
    const environment = { DATA_DIR: await freshFolder() };
    const folder = join(await freshFolder(), 'small');
    await mkdir(folder);
    for (const n of [1, 2, 3])
      await writeFile(join(folder, `${n}.jpg`), await readFile(join(shop, `item ${n}.jpg`)));
    await runScript('scripts/inventory.ts', ['import', folder], environment);
    await rm(join(folder, '2.jpg'));
    await writeFile(join(folder, '4.jpg'), await readFile(join(shop, 'item 4.jpg')));
    await writeFile(join(folder, '5.jpg'), 'not a picture');

    const facts = '1 added, 0 changed, 1 removed, 2 unchanged, 1 unreadable';
    const plan = await runScript('scripts/inventory.ts', ['plan'], environment);
    expect(plan.stdout).toContain(`A reindex would leave 3 items: ${facts}; 1 picture to embed.`);
    expect(plan.stdout).toMatch(
      / {2}small: .*\n"small" would lose 1 of its 3 items: .* --confirm small=1\/3\n/,
    );
    expect(plan.stdout).toContain('Nothing was changed');
    expect(plan.code).toBe(0);

    const refused = await runScript('scripts/inventory.ts', ['reindex'], environment);
    expect(refused.stderr).toContain('"small" would lose 1 of its 3 items. Nothing was changed.');
    expect(refused.stdout).toContain(facts);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('--confirm small=1/3');
    const another = await runScript(
      'scripts/inventory.ts',
      ['reindex', '--confirm', 'shop=1/3'],
      environment,
    );
    expect(another.stderr).toContain('"small" would lose 1 of its 3 items. Nothing was changed.');
    const again = await runScript('scripts/inventory.ts', ['reindex', '--confirm', 'small=1/3'], environment);
    expect(again.stdout).toContain('3 items can be found now: 1 added, 0 changed, 1 removed, 2 unchanged');
    // The refused run had embedded it already.
    expect(again.stdout).toContain('(0 pictures embedded)');

    const full = await runScript('scripts/inventory.ts', ['reindex', '--full'], environment);
    expect(full.stdout).toContain('0 added, 0 changed, 0 removed, 3 unchanged (3 pictures embedded)');
    const status = await runScript('scripts/inventory.ts', ['status'], environment);
    const runs = status.stdout.split('\n').filter((line) => line.startsWith('Run '));
    expect(runs).toEqual([
      expect.stringMatching(
        /full reindex by npm run inventory: finished in .*, 3 unchanged, 1 unreadable, 3 embedded/,
      ),
      expect.stringContaining('reindex by npm run inventory: finished'),
      expect.stringMatching(/reindex by npm run inventory: needs-confirmation\. "small" would lose 1/),
      expect.stringMatching(/reindex by npm run inventory: needs-confirmation\. "small" would lose 1/),
      expect.stringMatching(/import by npm run inventory: finished .*, 3 added/),
    ]);
  }, 60_000);

  it('lists what looks the same', async () => {
    const environment = { DATA_DIR: await freshFolder() };
    const folder = join(await freshFolder(), 'twins');
    await mkdir(folder);
    for (const [name, n] of [
      ['a', 1],
      ['b', 5],
      ['c', 1],
    ] as const)
      await writeFile(join(folder, `${name}.jpg`), await readFile(join(shop, `item ${n}.jpg`)));
    await runScript('scripts/inventory.ts', ['import', folder], environment);
    const { stdout } = await runScript('scripts/inventory.ts', ['duplicates'], environment);
    expect(stdout).toContain('2 items, one picture: a, c\n1 group of 2 items look the same');
  });
});
