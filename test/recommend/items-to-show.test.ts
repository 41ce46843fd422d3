import { expect, it } from 'vitest';
import { itemsToShow } from '../../src/recommend/items-to-show.ts';
import { createCatalogue } from '../../src/catalogue/catalogue.ts';
import type { Availability, Item } from '../../src/catalogue/item.ts';
import { createMemoryStore } from '../memory-store.ts';

const item = (id: string, availability?: Availability): Item => ({
  id,
  title: id,
  labels: {},
  picture: '0'.repeat(64),
  source: 'shop',
  ...(availability && { availability }),
});
const product = (id: string, ...duplicates: string[]) => ({ id, similarity: 0.9, duplicates });
const index = {
  vector: (id: string) => Promise.resolve(Float32Array.of(...(id === 'plain' ? [0.8, 0.6] : [0.6, 0.8]))),
};
const query = Float32Array.of(1, 0);

it('shows the nearest item of each product, and its nearest duplicate in stock when that is sold out', async () => {
  const catalogue = createCatalogue(createMemoryStore().namespace('items'));
  await catalogue.set([
    item('gone', 'out of stock'),
    item('gone too', 'out of stock'),
    item('here', 'in stock'),
    item('soon', 'preorder'),
    item('plain'),
  ]);
  const shown = await itemsToShow(
    [
      product('gone', 'gone too', 'lost', 'here', 'plain'),
      product('soon', 'here'),
      product('gone too', 'gone'),
      product('plain', 'here'),
      product('lost', 'here'),
      product('gone'),
    ],
    query,
    { catalogue, index },
  );
  expect(shown.map((it) => it && [it.item.id, it.similarity.toFixed(1), it.duplicateCount])).toEqual([
    ['plain', '0.9', 4],
    ['soon', '0.9', 1],
    ['gone too', '0.9', 1],
    ['plain', '0.9', 1],
    undefined,
    ['gone', '0.9', 0],
  ]);
});
