import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { FindLine } from '../../scripts/find-line.ts';
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

  it('writes a line of JSON a photo of a list, in order, with garments in pixels, whatever the size of the photos', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'find-'));
    const black = { width: 640, height: 320, channels: 3, background: '#101418' } as const;
    await writeFile(join(folder, 'wall.png'), await sharp({ create: black }).png().toBuffer());
    await writeFile(
      join(folder, 'turned.jpg'),
      await sharp(join(assetsFolder, 'web', 'samples', 'dress.jpg'))
        .rotate(90)
        .jpeg()
        .withMetadata({ orientation: 8 })
        .toBuffer(),
    );
    await writeFile(join(folder, 'list.txt'), `turned.jpg\n\nmissing.jpg\nwall.png\n${photo}\n`);
    const lines = join(folder, 'lines.jsonl');
    const args = ['--list', join(folder, 'list.txt'), '--json', lines];
    const { code, stderr } = await runScript('scripts/find.ts', args, {
      DATA_DIR: await copyDemoDataFolder(),
    });
    expect(code).toBe(1);
    expect(stderr).toContain('missing.jpg: no such file or folder');
    const found = (await readFile(lines, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as FindLine);
    expect(found.map((line) => [line.photo, line.garmentSeen])).toEqual([
      ['turned.jpg', true],
      ['missing.jpg', false],
      ['wall.png', false],
      [photo, true],
    ]);
    const [turned, missing, wall, own] = found;
    const size = await sharp(join(assetsFolder, 'web', 'samples', 'dress.jpg')).metadata();
    const [dress] = turned!.garments;
    expect(dress).toMatchObject({ kind: 'dress' });
    const [left, top, right, bottom] = dress!.box as [number, number, number, number];
    expect(bottom - top).toBeGreaterThan(right - left);
    expect(left).toBeGreaterThanOrEqual(0);
    expect(right).toBeLessThanOrEqual(size.width);
    expect(bottom).toBeLessThanOrEqual(size.height);
    expect(dress!.items[0]).toEqual({
      id: expect.any(String) as string,
      similarity: expect.any(Number) as number,
      type: 'Dresses',
    });
    expect(turned!.items).toHaveLength(5);
    expect(missing).toEqual({
      photo: 'missing.jpg',
      garmentSeen: false,
      items: [],
      garments: [],
      error: 'no such file or folder',
    });
    expect(wall).toEqual({ photo: 'wall.png', garmentSeen: false, items: [], garments: [] });
    expect(own!.items[0]).toMatchObject({ id: '10007', similarity: 1, garment: null });
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
