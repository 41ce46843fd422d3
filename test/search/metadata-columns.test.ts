import { describe, expect, it } from 'vitest';
import type { Filter } from '../../src/search/filter.ts';
import type { IndexEntry } from '../../src/search/item-index.ts';
import { createMetadataColumns } from '../../src/search/metadata-columns.ts';
import { picture } from './sample-items.ts';

const entry = (id: string, type?: string): IndexEntry => ({
  id,
  picture: picture(id),
  labels: type === undefined ? {} : { type },
});

describe('createMetadataColumns', () => {
  it('keeps living and dead rows apart', () => {
    const table = createMetadataColumns([entry('a', 'Shirt'), null, entry('b', 'Shirt'), entry('c')], 4);
    expect([...table.living.mask]).toEqual([1, 0, 1, 1]);
    expect(table.living.count).toBe(3);
    expect(table.rowOf('b')).toBe(2);
    expect(table.entryAt(2)).toEqual(entry('b', 'Shirt'));
    expect(() => table.entryAt(1)).toThrow(RangeError);
    expect(() => table.idOf(4)).toThrow(RangeError);
    expect([...table.entries()].map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    const { mask, count } = table.matching({ type: ['Shirt'] });
    expect([[...mask], count]).toEqual([[1, 0, 1, 0], 2]);
    const passing = (filter: Filter) => [0, 1, 2, 3].filter((row) => table.passes(row, filter));
    expect(passing({})).toEqual([0, 2, 3]);
    expect(passing({ type: ['Shirt', 'Shoes'] })).toEqual([0, 2]);
    expect(passing({ type: ['Shirt'], colour: ['Red'] })).toEqual([]);
    expect(table.labelCounts().get('type')).toEqual(new Map([['Shirt', 2]]));
  });

  it('holds more values of a label than fit into 16 bits', () => {
    const rows = 70_000;
    const table = createMetadataColumns(
      Array.from({ length: rows }, (_, row) => entry(`${row}`, `Type ${row}`)),
      rows,
    );
    for (const row of [0, 65_534, 65_535, 65_536, rows - 1]) {
      expect(table.entryAt(row).labels.type).toBe(`Type ${row}`);
      const { mask, count } = table.matching({ type: [`Type ${row}`] });
      expect([count, mask[row]]).toEqual([1, 1]);
    }
    expect(table.labelCounts().get('type')?.size).toBe(rows);
  });

  it.each([0, 1, 3])('refuses two entries where %s rows were named', (rows) => {
    expect(() => createMetadataColumns([entry('a'), entry('b')], rows)).toThrow(/Expected \d entries, got 2/);
  });
});
