import { expect, it } from 'vitest';
import { measureReindex } from '../../../scripts/benchmark/reindex.ts';
import { OperatorError } from '../../../src/util/errors.ts';
import { folderOf } from '../../sources/fixtures.ts';

it('requires enough items that removing 100 needs no confirmation', async () => {
  const inventory = folderOf({ 'a.jpg': 'a', 'b.jpg': 'b', 'c.jpg': 'c' });
  const measuring = measureReindex({ inventory, photos: '', items: 2 });
  await expect(measuring).rejects.toThrow(OperatorError);
  await expect(measuring).rejects.toThrow(
    'Expected at least 500 items, because 100 are removed and a reindex that loses more than a fifth needs confirmation; got 2. ' +
      'Allow more with --items, or name a larger inventory with --inventory.',
  );
});
