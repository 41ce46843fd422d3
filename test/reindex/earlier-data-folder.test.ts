/**
 * Opens data folders that version 0.1.0 (commit bf7feb9) wrote with the shipped model. `test/fixtures/data-folder-0.1.tar.gz`
 * holds the sources (five items in `shop`, listed in `inventory.json`, and three pictures in `annex`) and two data folders:
 *
 * - `unfinished-rebuild`: a finished reindex, a gallery that was given out at 2026-12-01T03:25:18Z, an import of `annex` whose
 *   process was killed, and a full reindex whose process was killed after three of eight records
 * - `died-after-switch`: a finished reindex, then a full reindex that renamed the red shirt and removed the black one, and whose
 *   process was killed right after the new generation had become current
 */

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { type App, createApp } from '../../src/create-app.ts';
import { createLogger } from '../../src/util/logger.ts';

const PACKED = fileURLToPath(new URL('../fixtures/data-folder-0.1.tar.gz', import.meta.url));
/** Of the gallery in `unfinished-rebuild`. */
const GALLERY = 'Xl8iImowExbsZtiF';

let folder: string;
let app: App | undefined;

beforeEach(async () => {
  // Galleries expire after an hour; at this time the one of the fixture has 25 minutes left.
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-12-01T04:00:00Z') });
  folder = await mkdtemp(join(tmpdir(), 'earlier-'));
  await promisify(execFile)('tar', ['-xzf', PACKED, '-C', folder]);
});

afterEach(async () => {
  await app?.close();
  app = undefined;
  vi.useRealTimers();
});

async function open(dataFolder: string): Promise<App> {
  const config = readConfig({
    DATA_DIR: join(folder, dataFolder),
    INVENTORY_FILE: join(folder, 'inventory.json'),
    ENGINE: 'onnx',
  });
  app = await createApp({ config, logger: createLogger('silent'), purpose: 'a test', mode: 'serve' });
  return app;
}

async function answer({ recommender }: App, picture: string) {
  return recommender.recommend(await readFile(join(folder, picture)));
}

describe('a data folder of version 0.1', () => {
  it('answers photos and pages of open galleries, and keeps sources and run history', async () => {
    const opened = await open('unfinished-rebuild');
    const gallery = await answer(opened, 'shop/red.png');
    expect(gallery.items.map(({ id }) => id)).toEqual(['red', 'green', 'yellow', 'blue', 'black']);
    expect(gallery.items[0]).toMatchObject({
      title: 'red shirt',
      price: '10 EUR',
      labels: { colour: 'Red' },
    });
    const green = await opened.catalogue.get('green');
    expect(green?.predicted).toHaveProperty('type.value', 'Ties');
    expect(await opened.pictures.read(green!.picture)).toBeDefined();
    const page = await opened.recommender.page(GALLERY);
    expect(page.items).toEqual(gallery.items);

    expect(Object.fromEntries(await opened.inventory.sources())).toEqual({
      annex: { path: '/tmp/rx/fx/annex', readAt: null },
      shop: {
        path: '/tmp/rx/fx/shop/items.csv',
        listed: true,
        readAt: expect.stringMatching(/^2026-12-01T03:2/) as string,
      },
    });
    const runs = await opened.inventory.runs();
    expect(runs).toMatchObject([
      { id: '3', kind: 'reindex', full: true, who: 'discord', outcome: 'interrupted' },
      { id: '2', kind: 'import', full: false, who: 'npm run inventory', outcome: 'interrupted' },
      { id: '1', kind: 'reindex', full: false, outcome: 'finished', counts: { added: 5, embedded: 5 } },
    ]);
  });

  it('embeds no picture again, and continues the import and the rebuild that were interrupted', async () => {
    const { inventory } = await open('unfinished-rebuild');
    const imported = await inventory.import(join(folder, 'annex'), { name: 'annex' });
    expect(imported).toMatchObject({ added: 3, embedded: 0, total: 8 });
    expect(await inventory.reindex()).toMatchObject({ unchanged: 8, embedded: 0, total: 8 });
    expect(await inventory.reindex({ full: true })).toMatchObject({ unchanged: 8, embedded: 5 });
    expect(await inventory.reindex({ full: true })).toMatchObject({ unchanged: 8, embedded: 8 });
  });

  it('applies the logged change of a run that died after its index had become current', async () => {
    const opened = await open('died-after-switch');
    const { inventory } = opened;
    const gallery = await answer(opened, 'shop/red.png');
    expect(gallery.items.map(({ id }) => id)).toEqual(['red', 'green', 'yellow', 'blue']);
    expect(gallery.items[0]).toMatchObject({ title: 'crimson shirt' });
    expect(await opened.catalogue.get('black')).toBeUndefined();
    const [run] = await inventory.runs();
    expect(run).toMatchObject({ id: '2', full: true, who: 'discord', outcome: 'finished' });
    expect(run?.counts).toMatchObject({ changed: 1, removed: 1, unchanged: 3, embedded: 4, total: 4 });

    const table = join(folder, 'shop', 'items.csv');
    const rows = await readFile(table, 'utf8');
    await writeFile(table, rows.replace('red shirt', 'crimson shirt').replace(/^black.*\n/m, ''));
    expect(await inventory.reindex()).toMatchObject({ unchanged: 4, embedded: 0, total: 4 });
    // The rebuild has ended, so another one embeds every picture.
    expect(await inventory.reindex({ full: true })).toMatchObject({ unchanged: 4, embedded: 4 });
  });
});
