import { dirname } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { folderOf, freshPath, zipOf } from '../../sources/fixtures.ts';
import { runScript } from '../run-script.ts';

let data = '';

beforeAll(async () => {
  const files = { 'styles.csv': 'id,articleType,productDisplayName\n1,Caps,Cap', 'images/1.jpg': 'none' };
  data = dirname(await zipOf(files, 'fashion-product-images-small.zip'));
});

describe('npm run evaluate', () => {
  it('measures the model that MODEL_DIR names', async () => {
    const folder = freshPath('model');
    const { code, stderr } = await runScript('scripts/evaluate.ts', ['--data', data], { MODEL_DIR: folder });
    expect(code).toBe(1);
    expect(stderr).toContain(`Cannot read the model manifest ${folder}`);
  }, 120_000);

  it('does not calibrate with only a part of the items', async () => {
    const args = ['--data', data, '--calibrate', '--limit', '5'];
    const { code, stderr } = await runScript('scripts/evaluate.ts', args, { MODEL_DIR: freshPath('model') });
    expect(code).toBe(1);
    expect(stderr).toContain('--calibrate needs all items: remove --limit.');
  }, 120_000);

  it('reports that the photos for --calibrate are missing before it embeds anything', async () => {
    const photos = folderOf({ 'classes.json': '{}' });
    const args = ['--data', data, '--calibrate', '--photos', photos];
    const { code, stderr } = await runScript('scripts/evaluate.ts', args, { MODEL_DIR: freshPath('model') });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^--calibrate needs real photos/);
    expect(stderr).toContain(photos);
    expect(stderr).toContain('--photos FOLDER');
  }, 120_000);

  it('reports a missing photo folder that was named', async () => {
    const { code, stderr } = await runScript('scripts/evaluate.ts', ['--data', data, '--photos', '/nowhere']);
    expect(code).toBe(1);
    expect(stderr).toContain('in /nowhere; there is no classes.json.');
  }, 120_000);
});
