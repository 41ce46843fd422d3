import { expect, it } from 'vitest';
import { createMetadataColumns } from '../../src/search/metadata-columns.ts';
import { createInMemoryIndex } from '../../src/search/in-memory-index.ts';
import { COLOUR_FINGERPRINT } from '../fakes/colour-embedder.ts';
import { picture } from './sample-items.ts';

it('finds duplicates from the rows of their group only, however many other rows there are', () => {
  const types = ['Shirts', 'Shirts', 'Shoes', 'Shirts'];
  const table = createMetadataColumns(
    types.map((type, row) => ({ id: `${row}`, picture: picture(`${row}`), labels: { type } })),
    types.length,
  );
  let allRows = 0;
  const index = createInMemoryIndex({
    fingerprint: COLOUR_FINGERPRINT,
    createdAt: new Date(),
    columns: {
      ...table,
      matching(filter) {
        allRows++;
        return table.matching(filter);
      },
    },
    vectors: new Float32Array(types.length * COLOUR_FINGERPRINT.dimension),
    search: () => Promise.resolve([]),
    groups: new Map([0, 1, 2].map((row) => [row, [0, 1, 2]])),
    free: () => undefined,
  });
  expect(index.duplicatesOf('0', { type: ['Shirts'] })).toEqual(['1']);
  expect(index.duplicatesOf('2')).toEqual(['0', '1']);
  expect(allRows).toBe(0);
});
