import { describe, expect, it } from 'vitest';
import { createCatalogue } from '../../src/inventory/catalogue.ts';
import { createCensusTaker } from '../../src/inventory/census.ts';
import { createExactIndex } from '../../src/search/exact-index.ts';
import type { ItemIndex } from '../../src/search/item-index.ts';
import { COLOUR_PASSPORT } from '../fakes/colour-embedder.ts';
import { createMemoryStore } from '../memory-store.ts';

const PICTURE = '0'.repeat(64);

function indexOf(ids: readonly string[]): ItemIndex {
  return createExactIndex({
    passport: COLOUR_PASSPORT,
    entries: ids.map((id) => ({ id, picture: PICTURE, labels: {} })),
    vectors: Float32Array.from({ length: ids.length * COLOUR_PASSPORT.dimension }, (_, n) => n + 1),
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

describe('the census', () => {
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
    const census = createCensusTaker({ index: () => index, catalogue: counting });
    expect(census.known()).toBeUndefined();
    expect(await census.take()).toBeUndefined();
    index = indexOf(['a', 'b', 'c']);
    expect(asked).toBe(0);
    expect(census.known()).toBeUndefined(); // but it has begun
    expect(Object.fromEntries((await census.take())?.bySource ?? [])).toEqual({ boots: 2, coats: 1 });
    expect(census.known()?.recall).toEqual({ value: 1, k: 10, queries: 3 });
    await census.take();
    expect(asked).toBe(1);

    index = indexOf(['c']);
    expect(census.known()).toBeUndefined();
    expect(Object.fromEntries((await census.take())?.bySource ?? [])).toEqual({ coats: 1 });
  });

  it('is none, and no error, when the index is replaced and closed meanwhile', async () => {
    const catalogue = await createShop();
    let index = indexOf(['a', 'b', 'c']);
    const census = createCensusTaker({ index: () => index, catalogue });
    const taking = census.take();
    const old = index;
    index = indexOf(['a']);
    await old.close();
    expect(await taking).toBeUndefined();
    expect(Object.fromEntries((await census.take())?.bySource ?? [])).toEqual({ boots: 1 });
  });
});
