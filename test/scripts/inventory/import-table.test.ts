import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { runScript } from '../run-script.ts';

let folder: string;
let environment: { DATA_DIR: string };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'table-'));
  environment = { DATA_DIR: join(folder, 'data') };
  await mkdir(join(folder, 'data'));
  for (const [name, r] of [
    ['a', 250],
    ['b', 10],
  ] as const) {
    const create = { width: 40, height: 60, channels: 3 as const, background: { r, g: 90, b: 90 } };
    await sharp({ create })
      .jpeg()
      .toFile(join(folder, `${name}.jpg`));
  }
  await writeFile(join(folder, 'page.jpg'), '<!doctype html><p>404');
});

describe('an import of a table', () => {
  it(
    'says what it read and what it did not, and names what it could not use',
    { timeout: 60_000 },
    async () => {
      const missing = Array.from({ length: 5 }, (_, n) => `m${n};Missing ${n};gone/${n}.jpg;5`);
      const rows = [
        'Nr;Titel;Ansicht;Preis;Gewicht',
        'a;Shirt;a.jpg;12,50;1',
        'b;Skirt;b.jpg;9;1',
        'p;Page;page.jpg;1;1',
      ];
      await writeFile(join(folder, 'shop-2026-11.csv'), [...rows, ...missing, ''].join('\n'));
      const words = ['--column', 'picture=Ansicht', '--column', 'id=Nr', '--currency', 'EUR'];
      const { stdout, code } = await runScript(
        'scripts/inventory.ts',
        ['import', join(folder, 'shop-2026-11.csv'), ...words],
        environment,
      );
      const lines = stdout.split('\n');
      expect(lines.slice(0, 3)).toEqual([
        'Source "shop-2026-11" (table, CSV): 8 products.',
        '  Read: id = "Nr", title = "Titel", picture = "Ansicht", price = "Preis"',
        '  Not used: "Gewicht"',
      ]);
      expect(stdout).toMatch(/2 items can be found now/);
      expect(stdout).toMatch(
        /6 records could not be used:\n {2}5 records: there is no picture …; for example\n {4}m0 "Missing 0", shop-2026-11\.csv line 5: there is no picture gone\/0\.jpg/,
      );
      // The words of a report, not those of an answer to a photo.
      expect(stdout).toMatch(
        /p "Page", .* line 4: its picture is text and no picture; check the address or path that the source gives/,
      );
      expect(stdout).not.toMatch(/Choose the photo/);
      const file = await readFile(join(environment.DATA_DIR, 'rejected.csv'), 'utf8');
      expect(file.trimEnd().split('\r\n')).toHaveLength(7);
      expect(code).toBe(0);
    },
  );

  it('remembers how the source is read', { timeout: 60_000 }, async () => {
    const { stdout } = await runScript('scripts/inventory.ts', ['reindex'], environment);
    expect(stdout).toMatch(/2 items can be found now: 0 added, 0 changed, 0 removed, 2 unchanged/);
  });

  it('of the next month says how it replaces the one before', { timeout: 60_000 }, async () => {
    const next = join(folder, 'shop-2026-12.csv');
    await writeFile(next, 'Nr;Titel;Ansicht;Preis\na;Shirt;a.jpg;11\nb;Skirt;b.jpg;9\n');
    const refused = await runScript('scripts/inventory.ts', ['import', next], environment);
    expect(refused.stderr).toMatch(
      /looks like another export of the source "shop-2026-11"\. Nothing was changed\. .*--name "shop-2026-11"/,
    );
    expect(refused.code).toBe(1);
    const replaced = await runScript(
      'scripts/inventory.ts',
      ['import', next, '--name', 'shop-2026-11'],
      environment,
    );
    expect(replaced.stdout).toMatch(/0 added, 1 changed, 0 removed, 1 unchanged/);
  });
});
