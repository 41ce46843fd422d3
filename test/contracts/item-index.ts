/** The tests that every item index must pass, whatever search it uses. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cosine } from '../../scripts/statistics.ts';
import { ClosedError } from '../../src/util/errors.ts';
import { type Filter, matches, NO_VALUE } from '../../src/search/filter.ts';
import type { IndexEntry, ItemIndex, Neighbour } from '../../src/search/item-index.ts';
import { createSample, joinRows, picture, range, rowOf, sampleFingerprint } from '../search/sample-items.ts';

export interface ItemIndexContract {
  /** Opens an index of these items. It may change `vectors` `[entries.length * dimension]`. */
  readonly open: (
    entries: readonly IndexEntry[],
    vectors: Float32Array,
    dimension: number,
  ) => Promise<ItemIndex>;
}

const DIMENSION = 16;

export function describeItemIndex({ open }: ItemIndexContract): void {
  const sample = createSample(800, DIMENSION);
  const { entries } = sample;
  let index: ItemIndex;

  /** The expected result, computed by brute force. */
  function nearest(query: Float32Array, k: number, filter: Filter = {}): Neighbour[] {
    return entries
      .map((entry, row) => ({ entry, similarity: cosine(query, rowOf(sample, row)) }))
      .filter(({ entry }) => matches(filter, entry.labels))
      .sort((a, b) => b.similarity - a.similarity)
      .slice(0, k)
      .map(({ entry, similarity }) => ({ id: entry.id, similarity }));
  }

  function expectSame(got: readonly Neighbour[], expected: readonly Neighbour[]): void {
    expect(got.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
    for (const [rank, { similarity }] of got.entries()) {
      expect(similarity).toBeCloseTo(expected[rank]?.similarity ?? NaN, 5);
    }
  }

  beforeAll(async () => {
    index = await open(entries, sample.vectors.slice(), DIMENSION);
  });
  afterAll(async () => {
    await index.close();
  });

  it('reports its size, fingerprint and creation time', () => {
    expect(index.size).toBe(800);
    expect(index.fingerprint).toEqual(sampleFingerprint(DIMENSION));
    expect(Math.abs(index.createdAt.getTime() - Date.now())).toBeLessThan(3_600_000);
  });

  it('returns the nearest items, most similar first, with their cosine', async () => {
    for (const query of sample.queries) expectSame(await index.nearest(query, 5), nearest(query, 5));
  });

  it('finds every item by its own vector with a cosine of one', async () => {
    for (const [row, { id }] of entries.entries()) {
      const [best] = await index.nearest(rowOf(sample, row), 1);
      expect(best?.id).toBe(id);
      expect(best?.similarity).toBeCloseTo(1, 6);
      expect(best?.similarity).toBeLessThanOrEqual(1);
    }
  });

  it('returns the items that share a picture, also with a filter', async () => {
    const twins = joinRows([{ sample, rows: [1, 2, 11, 1, 1] }]);
    const named = twins.entries.map((entry, row) => ({
      ...entry,
      id: `twin-${row}`,
      labels: row === 4 ? { type: 'Shoes' } : entry.labels,
    }));
    const shared = await open(named, twins.vectors, DIMENSION);
    expect([...shared.duplicatesOf('twin-0')].sort()).toEqual(['twin-3', 'twin-4']);
    expect([...shared.duplicatesOf('twin-3')].sort()).toEqual(['twin-0', 'twin-4']);
    expect(shared.duplicatesOf('twin-3', { type: ['Shoes'] })).toEqual(['twin-4']);
    expect(shared.duplicatesOf('twin-1')).toEqual([]);
    expect(shared.duplicatesOf('nobody')).toEqual([]);
    await shared.close();
    expect(() => shared.duplicatesOf('twin-0')).toThrow(ClosedError);
  });

  it('returns the same for queries of any length', async () => {
    const [query] = sample.queries;
    for (const scale of [1e-30, 1e-3, 1e30]) {
      const scaled = query?.map((value) => value * scale) ?? new Float32Array();
      expectSame(await index.nearest(scaled, 5), nearest(query ?? new Float32Array(), 5));
    }
  });

  it('does not change the query', async () => {
    const query = sample.queries[0]?.slice() ?? new Float32Array();
    await index.nearest(query, 5);
    expect(query).toEqual(sample.queries[0]);
  });

  it('returns all items when k is larger than their number', async () => {
    const all = await index.nearest(rowOf(sample, 0), 1_000);
    expect(new Set(all.map(({ id }) => id)).size).toBe(800);
  });

  it.each([
    ['a NaN', (vector: Float32Array) => vector.fill(NaN, 3, 4)],
    ['an infinity', (vector: Float32Array) => vector.fill(Infinity, 3, 4)],
    ['length zero', (vector: Float32Array) => vector.fill(0)],
    ['one number too few', (vector: Float32Array) => vector.subarray(1)],
    ['one number too many', (vector: Float32Array) => Float32Array.of(...vector, 1)],
    ['no numbers', () => new Float32Array()],
  ])('refuses a query with %s', async (_, spoil) => {
    await expect(index.nearest(spoil(rowOf(sample, 5).slice()), 5)).rejects.toThrow(RangeError);
  });

  it.each([0, -1, 1.5, NaN, Infinity, 1_001])('refuses %s as k', async (k) => {
    await expect(index.nearest(rowOf(sample, 5), k)).rejects.toThrow(RangeError);
  });

  it.each<[string, Filter, number]>([
    ['passes no item', { type: ['Hats'] }, 0],
    [
      'passes no item, by labels that exclude each other',
      { type: ['Type 1'], season: ['Winter'], gender: ['Men'] },
      0,
    ],
    ['passes one item', { season: ['Winter'], type: ['Type 2'] }, 1],
    ['passes three items', { season: ['Winter'] }, 3],
    ['names two values of a label', { colour: ['Colour 3', 'Colour 50'] }, 17],
    ['names two labels', { type: ['Type 4'], colour: ['Colour 4', 'Colour 10'] }, 2],
    ['passes most items', { gender: ['Women'] }, 533],
    ['passes all items', { gender: ['Women', 'Men'] }, 800],
    ['passes all items, by an empty filter', {}, 800],
    ['passes items with one value of a label, and those without any', { season: ['Winter', NO_VALUE] }, 800],
    ['passes items without a label', { season: [NO_VALUE] }, 797],
    ['passes no item, by a label without values', { gender: [] }, 0],
  ])('is exact for a filter that %s', async (_, filter, passing) => {
    expect(nearest(rowOf(sample, 0), 1_000, filter)).toHaveLength(passing);
    for (const query of sample.queries.slice(0, 20)) {
      expectSame(await index.nearest(query, 5, filter), nearest(query, 5, filter));
    }
    const all = await index.nearest(rowOf(sample, 0), 1_000, filter);
    expect(all.map(({ id }) => id).sort()).toEqual(
      nearest(rowOf(sample, 0), 1_000, filter)
        .map(({ id }) => id)
        .sort(),
    );
  });

  it('returns a copy of the unit vector of an item', async () => {
    const vector = await index.vector('item-1-7');
    expect(vector).toEqual(rowOf(sample, 7).slice());
    vector?.fill(9);
    expect(await index.vector('item-1-7')).toEqual(rowOf(sample, 7).slice());
    expect(await index.vector('nobody')).toBeUndefined();
  });

  it('counts labels, most frequent first', () => {
    const counts = index.labelCounts();
    expect([...(counts.get('gender') ?? [])]).toEqual([
      ['Women', 533],
      ['Men', 267],
    ]);
    expect(counts.get('season')).toEqual(new Map([['Winter', 3]]));
    expect(counts.get('usage')).toEqual(new Map());
    const colours = [...(counts.get('colour')?.values() ?? [])];
    expect(colours).toEqual(colours.toSorted((a, b) => b - a));
    expect(colours.reduce((sum, count) => sum + count, 0)).toBe(800);
  });

  it('lists its items', () => {
    const byId = (a: IndexEntry, b: IndexEntry): number => (a.id < b.id ? -1 : 1);
    expect([...index.entries()].sort(byId)).toEqual(entries.toSorted(byId));
  });

  it('answers many queries at the same time', async () => {
    const answers = await Promise.all(sample.queries.map((query) => index.nearest(query, 5)));
    for (const [position, query] of sample.queries.entries()) {
      expectSame(answers[position] ?? [], nearest(query, 5));
    }
  });

  describe('with unusual items', () => {
    it('can be empty', async () => {
      const empty = await open([], new Float32Array(), DIMENSION);
      expect(empty.size).toBe(0);
      expect(await empty.nearest(rowOf(sample, 0), 5)).toEqual([]);
      expect([...empty.entries()]).toEqual([]);
      await empty.close();
    });

    it('can hold a single item', async () => {
      const { entries: one, vectors } = joinRows([{ sample, rows: [4] }]);
      const single = await open(one, vectors, DIMENSION);
      expect((await single.nearest(rowOf(sample, 0), 5)).map(({ id }) => id)).toEqual(['item-1-4']);
      await single.close();
    });

    it('returns every item that shares a picture, and still finds the others', async () => {
      const placeholder = rowOf(sample, 0);
      const shared = range(0, 500).map((row) => ({
        entry: {
          id: `placeholder ${row}`,
          picture: picture('placeholder'),
          labels: { type: row % 2 ? 'odd' : 'even' },
        },
        vector: placeholder,
      }));
      const others = range(1, 400).map((row) => ({ entry: entries[row], vector: rowOf(sample, row) }));
      const all = [...shared, ...others];
      const vectors = Float32Array.from(all.flatMap(({ vector }) => [...vector]));
      const crowded = await open(
        all.flatMap(({ entry }) => entry ?? []),
        vectors,
        DIMENSION,
      );

      const near = await crowded.nearest(placeholder, 600);
      expect(
        near
          .slice(0, 500)
          .map(({ id }) => id)
          .sort(),
      ).toEqual(shared.map(({ entry }) => entry.id).sort());
      expect(near).toHaveLength(600);
      const odd = await crowded.nearest(placeholder, 10, { type: ['odd'] });
      expect(odd).toHaveLength(10);
      expect(odd.every(({ id }) => Number(id.split(' ')[1]) % 2 === 1)).toBe(true);
      for (const { entry, vector } of others) {
        expect((await crowded.nearest(vector, 1))[0]?.id).toBe(entry?.id);
      }
      await crowded.close();
    });

    it('accepts ids and labels with any characters', async () => {
      const { vectors } = joinRows([{ sample, rows: [0, 1, 2] }]);
      const labels = { type: '連衣裙', colour: '__proto__', gender: 'constructor' };
      const odd = [
        { id: 'Überwurf "rot"\n', picture: picture('a'), labels },
        { id: '__proto__', picture: picture('b'), labels: {} },
        { id: '👗', picture: picture('c'), labels: { type: 'null' } },
      ];
      const index = await open(odd, vectors, DIMENSION);
      expect([...index.entries()]).toEqual(odd);
      expect((await index.nearest(rowOf(sample, 0), 3, labelsToFilter(labels))).map(({ id }) => id)).toEqual([
        odd[0]?.id,
      ]);
      expect((await index.nearest(rowOf(sample, 0), 3, { type: ['null'] })).map(({ id }) => id)).toEqual([
        '👗',
      ]);
      await index.close();
    });
  });

  it('refuses every call after it was closed, and can be closed twice', async () => {
    const closed = await open(entries.slice(0, 3), sample.vectors.slice(0, 3 * DIMENSION), DIMENSION);
    const query = rowOf(sample, 0);
    const running = closed.nearest(query, 1);
    await closed.close();
    await closed.close();
    expect((await running)[0]?.id).toBe('item-1-0');
    await expect(closed.nearest(query, 1)).rejects.toThrow(ClosedError);
    await expect(closed.vector('item-1-0')).rejects.toThrow(ClosedError);
    expect(() => closed.entries()).toThrow(ClosedError);
  });
}

// --- Internal helpers ---

function labelsToFilter(labels: Readonly<Record<string, string>>): Filter {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, [value]]));
}
