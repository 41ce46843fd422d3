import { describe, expect, it } from 'vitest';
import { groupDuplicates } from '../../src/search/duplicate-groups.ts';

describe('groupDuplicates', () => {
  it('joins whoever can be reached, and keeps only the pairs that are needed for it', () => {
    const { pairs, groups } = groupDuplicates([
      [7, 3],
      [3, 7],
      [9, 8],
      [3, 9],
      [8, 7],
      [1, 2],
      [5, 5],
    ]);
    expect(groups).toEqual(
      new Map([
        [3, [3, 7, 8, 9]],
        [7, [3, 7, 8, 9]],
        [8, [3, 7, 8, 9]],
        [9, [3, 7, 8, 9]],
        [1, [1, 2]],
        [2, [1, 2]],
      ]),
    );
    expect(pairs).toEqual([
      [7, 3],
      [9, 8],
      [3, 9],
      [1, 2],
    ]);
    expect(groupDuplicates(pairs).groups).toEqual(groups);
  });

  it('joins a long chain', () => {
    const chain = Array.from({ length: 20_000 }, (_, n): [number, number] => [n + 1, n]);
    expect(groupDuplicates(chain).groups.get(20_000)).toHaveLength(20_001);
  });
});
