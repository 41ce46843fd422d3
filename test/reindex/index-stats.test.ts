import { describe, expect, it } from 'vitest';
import { createCatalogue } from '../../src/catalogue/catalogue.ts';
import { createIndexStatsReader } from '../../src/reindex/index-stats.ts';
import { createExactIndex } from '../../src/search/exact-index.ts';
import type { ItemIndex } from '../../src/search/item-index.ts';
import { COLOUR_FINGERPRINT } from '../fakes/colour-embedder.ts';
import { createMemoryStore } from '../memory-store.ts';

const PICTURE = '0'.repeat(64);

function indexOf(ids: readonly string[]): ItemIndex {
  return createExactIndex({
    fingerprint: COLOUR_FINGERPRINT,
    entries: ids.map((id) => ({ id, picture: PICTURE, labels: {} })),
    vectors: Float32Array.from({ length: ids.length * COLOUR_FINGERPRINT.dimension }, (_, n) => n + 1),
    createdAt: new Date(0),
  });
}

async function createShop() {
  const catalogue = createCatalogue(createMemoryStore().namespace('items'));
  const sources = { a: 'boots', b: 'boots', c: 'coats', gone: 'coats' };
  await catalogue.set(
    Object.entries(sources).map(([id, source]) => ({ id, title: id, labels: {}, picture: PICTURE, source })),
  );
  return catalogue;
}

describe('the stats', () => {
  it('counts what the serving index holds by source, once, and only when somebody asks', async () => {
    const catalogue = await createShop();
    let asked = 0;
    const counting: Pick<typeof catalogue, 'getMany'> = {
      getMany: (ids) => {
        asked++;
        return catalogue.getMany(ids);
      },
    };
    let index: ItemIndex | undefined;
    const stats = createIndexStatsReader({ index: () => index, catalogue: counting });
    expect(stats.known()).toBeUndefined();
    expect(await stats.take()).toBeUndefined();
    index = indexOf(['a', 'b', 'c']);
    expect(asked).toBe(0);
    expect(stats.known()).toBeUndefined(); // but it has begun
    expect(Object.fromEntries((await stats.take())?.bySource ?? [])).toEqual({ boots: 2, coats: 1 });
    expect(stats.known()?.recall).toEqual({ value: 1, k: 10, queries: 3 });
    await stats.take();
    expect(asked).toBe(1);

    index = indexOf(['c']);
    expect(stats.known()).toBeUndefined();
    expect(Object.fromEntries((await stats.take())?.bySource ?? [])).toEqual({ coats: 1 });
  });

  it('is none, and no error, when the index is replaced and closed meanwhile', async () => {
    const catalogue = await createShop();
    let index = indexOf(['a', 'b', 'c']);
    const stats = createIndexStatsReader({ index: () => index, catalogue });
    const taking = stats.take();
    const old = index;
    index = indexOf(['a']);
    await old.close();
    expect(await taking).toBeUndefined();
    expect(Object.fromEntries((await stats.take())?.bySource ?? [])).toEqual({ boots: 1 });
  });
});
