import { describe, expect, it } from 'vitest';
import { distinctNeighbours } from '../../src/recommend/distinct-neighbours.ts';
import { createExactIndex } from '../../src/search/exact-index.ts';
import type { ItemIndex } from '../../src/search/item-index.ts';
import { shippedModel } from '../shipped-model.ts';

const fingerprint = { ...shippedModel.fingerprint, dimension: 2 };
const DUPLICATE_FROM = 0.9999;

/** Items on a circle; the id says at which angle in degrees, a letter tells copies apart. */
function circle(ids: readonly string[]): ItemIndex {
  const entries = ids.map((id) => ({ id, picture: '0'.repeat(64), labels: {} }));
  const vectors = Float32Array.from(ids.flatMap((id) => direction(Number.parseFloat(id))));
  return createExactIndex({ fingerprint, entries, vectors, createdAt: new Date(0) });
}

function direction(degrees: number): number[] {
  return [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
}

const north = Float32Array.from(direction(0));

describe('distinctNeighbours', () => {
  it('shows each product once, with the count of its copies', async () => {
    const index = circle(['10a', '10b', '10c', '20a', '30a', '30b']);
    const found = await distinctNeighbours({
      index,
      vector: north,
      wanted: 3,
      duplicateFrom: DUPLICATE_FROM,
    });
    expect(found.map(({ id, twins }) => [id.slice(0, 2), twins.length])).toEqual([
      ['10', 2],
      ['20', 0],
      ['30', 1],
    ]);
    expect(found[0]?.similarity).toBeCloseTo(Math.cos((10 * Math.PI) / 180), 5);
  });

  it('looks further when copies crowd out everything else', async () => {
    const copies = Array.from({ length: 300 }, (_, n) => `5-${n}`);
    const index = circle([...copies, '40', '50']);
    const found = await distinctNeighbours({
      index,
      vector: north,
      wanted: 3,
      duplicateFrom: DUPLICATE_FROM,
    });
    expect(found.map(({ id, twins }) => [Number.parseFloat(id), twins.length])).toEqual([
      [5, 299],
      [40, 0],
      [50, 0],
    ]);
  });

  it('counts all copies that the index knows of, however few it asked for', async () => {
    const copies = Array.from({ length: 40 }, (_, n) => `10-${n}`);
    const query = {
      index: circle([...copies, '20']),
      vector: north,
      wanted: 1,
      duplicateFrom: DUPLICATE_FROM,
    };
    expect((await distinctNeighbours(query))[0]?.twins).toHaveLength(39);
  });

  it('returns what there is when the index holds less than wanted', async () => {
    const found = await distinctNeighbours({
      index: circle(['1', '2']),
      vector: north,
      wanted: 9,
      duplicateFrom: 0.99999,
    });
    expect(found).toHaveLength(2);
  });

  it('leaves out an item and its copies when asked for more like it', async () => {
    const index = circle(['10a', '10b', '30']);
    const vector = (await index.vector('10a'))!;
    const found = await distinctNeighbours({
      index,
      vector,
      wanted: 5,
      duplicateFrom: DUPLICATE_FROM,
      without: '10a',
    });
    expect(found.map(({ id }) => id)).toEqual(['30']);
  });
});
