import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { copyDemoDataFolder } from '../demo-data-folder.ts';
import { assetsFolder } from '../shipped-model.ts';
import { runScript } from './run-script.ts';

const photo = join(assetsFolder, 'demo-inventory', 'images', '10007.jpg');

describe('npm run find', () => {
  it('prints five lines a photo, goes on after a bad one, and writes a page that stands on its own', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'find-'));
    const html = join(folder, 'found.html');
    const args = [
      photo,
      join(folder, 'missing.jpg'),
      join(assetsFolder, 'web', 'samples', 'dress.jpg'),
      '--html',
      html,
    ];
    const { code, stdout, stderr } = await runScript('scripts/find.ts', args, {
      DATA_DIR: join(folder, 'data'),
    });
    expect(stdout.match(/^ {2}[1-5]\. \d\.\d{3} {2}/gm)).toHaveLength(10);
    expect(stdout).toMatch(/1\. 1\.000 {2}nearly identical +10007 /);
    expect(stderr).toContain('missing.jpg: no such file or folder\n');
    expect(code).toBe(1);
    const page = await readFile(html, 'utf8');
    expect(page.match(/<img /g)).toHaveLength(12);
    expect(page).not.toMatch(/(src|href)="(?!data:)/);
  });

  it('takes a count and a filter, and explains a bad one', async () => {
    const environment = { DATA_DIR: await copyDemoDataFolder() };
    const filtered = ['--count', '3', '--filter', '{"type":["Dresses"]}'];
    const { stdout } = await runScript('scripts/find.ts', [photo, ...filtered], environment);
    expect(stdout.match(/\([^()]*, Dresses\)/g)).toHaveLength(3);
    const wrong = await runScript('scripts/find.ts', [photo, '--filter', '{"kind":["x"]}'], environment);
    expect(wrong.stderr).toMatch(/The filter cannot be read: .*for example/);
    expect(wrong.code).toBe(1);
  });

  it('says that a page cannot be written before it answers anything', async () => {
    const environment = { DATA_DIR: join(await mkdtemp(join(tmpdir(), 'find-')), 'data') };
    const args = [photo, '--html', '/nope/found.html'];
    const { code, stdout, stderr } = await runScript('scripts/find.ts', args, environment);
    expect(stderr).toBe(
      'Cannot write /nope/found.html: no such file or folder. Name another file with --html.\n',
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });
});
