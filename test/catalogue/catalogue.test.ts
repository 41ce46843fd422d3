import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { OperatorError } from '../../src/util/errors.ts';
import { canonicalId, type Catalogue, createCatalogue } from '../../src/catalogue/catalogue.ts';
import type { Item } from '../../src/catalogue/item.ts';
import { openLevelStore } from '../../src/store/level-store.ts';
import { createMemoryStore } from '../memory-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'catalogue-'));
const level = await openLevelStore(folder);
afterAll(async () => {
  await level.close();
  rmSync(folder, { recursive: true, force: true });
});

describe.each([
  { name: 'the embedded store', store: level },
  { name: 'memory', store: createMemoryStore() },
])('the catalogue over $name', ({ store }) => {
  const records = store.namespace<Item>('items');
  let catalogue: Catalogue;

  beforeEach(async () => {
    await records.clear();
    catalogue = createCatalogue(records);
  });

  it('keeps items, replaces them by id and forgets them', async () => {
    await catalogue.set([anItem('a'), anItem('b')]);
    await catalogue.set([{ ...anItem('b'), title: 'Another' }]);
    expect(await catalogue.get('a')).toEqual(anItem('a'));
    expect(await catalogue.getMany(['b', 'c', 'a', 'b'])).toMatchObject([
      { title: 'Another' },
      undefined,
      { id: 'a' },
      { title: 'Another' },
    ]);
    await catalogue.delete(['a', 'unknown']);
    expect(await idsOf(catalogue)).toEqual(['b']);
  });

  it.each([
    'Überwurf/rot',
    '連衣裙',
    '👗 42',
    'ü'.repeat(200),
    '👗'.repeat(100),
    'items:a',
    '../a',
    '__proto__',
  ])('keeps the id %s', async (id) => {
    await catalogue.set([anItem(id), anItem('a')]);
    expect(await catalogue.get(id)).toEqual(anItem(id));
    expect(await catalogue.getMany([id])).toEqual([anItem(id)]);
    expect((await idsOf(catalogue)).sort()).toEqual(['a', id].sort());
    await catalogue.delete([id]);
    expect(await idsOf(catalogue)).toEqual(['a']);
  });

  it('finds an id however its accents were typed', async () => {
    await catalogue.set([anItem('Überwurf')]);
    expect(await catalogue.get(' Überwurf'.normalize('NFD'))).toEqual(anItem('Überwurf'));
  });

  it.each(['', '   ', 'x'.repeat(201), 'a\u0000b', '\ud800'])(
    'knows nothing of what cannot be an id (case %#)',
    async (id) => {
      await catalogue.set([anItem('a')]);
      expect(await catalogue.get(id)).toBeUndefined();
      expect(await catalogue.getMany([id, 'a'])).toEqual([undefined, anItem('a')]);
      await catalogue.delete([id]);
      expect(await idsOf(catalogue)).toEqual(['a']);
    },
  );

  it.each([
    { title: '' },
    { picture: 'no digest' },
    { link: 'javascript:alert(1)' },
    { id: ' padded ' },
    { id: 'a\u0000b' },
    { labels: { type: '' } },
  ])('stores nothing when one of the items is not valid: %o', async (wrong) => {
    await expect(catalogue.set([anItem('good'), { ...anItem('bad'), ...wrong }])).rejects.toThrow(RangeError);
    expect(await idsOf(catalogue)).toEqual([]);
  });

  it('says so when something else wrote into it', async () => {
    await records.set('a', { nonsense: true } as unknown as Item);
    await expect(catalogue.get('a')).rejects.toThrow(OperatorError);
    await expect(idsOf(catalogue)).rejects.toThrow(/Import the inventory again/);
  });

  it('is content with nothing to do', async () => {
    await catalogue.set([]);
    await catalogue.delete([]);
    expect(await catalogue.getMany([])).toEqual([]);
    expect(await idsOf(catalogue)).toEqual([]);
  });
});

function anItem(id: string): Item {
  return {
    id,
    title: `Title of ${id.slice(0, 20)}`,
    labels: { type: 'Shirts', colour: 'Navy Blue' },
    picture: 'a'.repeat(64),
    link: 'https://shop.example/item?id=1',
    price: '1299 INR',
    source: 'test',
  };
}

async function idsOf(catalogue: Catalogue): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of catalogue.list()) ids.push(id);
  return ids;
}

describe('canonicalId', () => {
  it('is trimmed and NFC, and refuses what no store or address can hold', () => {
    expect(canonicalId(' e\u0301/1 ')).toBe('é/1');
    expect(canonicalId('..a')).toBe('..a');
    for (const id of ['', '  ', '.', '..', 'a\u0000', '\ud800', 'x'.repeat(201)]) {
      expect(canonicalId(id)).toBeUndefined();
    }
  });
});
