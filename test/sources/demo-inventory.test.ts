import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openSource } from '../../src/sources/open-source.ts';
import { readAll } from './fixtures.ts';

const folder = fileURLToPath(new URL('../../assets/demo-inventory', import.meta.url));

describe('the demo inventory', () => {
  it('is an ordinary source of 1,200 distinct items, all with labels and a picture', async () => {
    const source = await openSource(folder);
    const { items, rejected } = await readAll(source);
    expect(rejected).toEqual([]);
    expect(items).toHaveLength(1_200);
    expect(new Set(items.map(({ item }) => item.title)).size).toBe(1_200);
    for (const { item } of items)
      expect(Object.keys(item.labels)).toEqual(expect.arrayContaining(['type', 'gender']));
    for (const record of items) expect(Buffer.from(await record.read()).toString('hex', 0, 3)).toBe('ffd8ff');
    await source.close();
  });

  it('has no type with more than a tenth of the items, and no picture without an item', async () => {
    const { items } = await readAll(await openSource(folder));
    const counts = new Map<string, number>();
    for (const { item } of items)
      counts.set(item.labels.type ?? '', (counts.get(item.labels.type ?? '') ?? 0) + 1);
    expect(counts.size).toBeGreaterThan(60);
    expect(Math.max(...counts.values())).toBeLessThan(120);
    expect(readdirSync(join(folder, 'images')).sort()).toEqual(
      items.map(({ item }) => `${item.id}.jpg`).sort(),
    );
  });

  it('stays under 12 MB', () => {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) =>
      statSync(join(folder, name)),
    );
    const bytes = files.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0);
    expect(bytes).toBeLessThan(12_000_000);
  });
});
