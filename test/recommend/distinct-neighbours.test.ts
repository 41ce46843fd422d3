import { describe, expect, it } from 'vitest';
import { distinctNeighbours } from '../../src/recommend/distinct-neighbours.ts';
import { createExactIndex } from '../../src/search/exact-index.ts';
import type { ItemIndex } from '../../src/search/item-index.ts';
import { shippedModel } from '../shipped-model.ts';

const fingerprint = { ...shippedModel.fingerprint, dimension: 2 };
const DUPLICATE_FROM = 0.9999;

/** Items on a circle; an id is the angle in degrees, with a letter to distinguish duplicates. */
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
  it('returns each product once, with its duplicates', async () => {
    const index = circle(['10a', '10b', '10c', '20a', '30a', '30b']);
    const found = await distinctNeighbours({
      index,
      vector: north,
      wanted: 3,
      duplicateFrom: DUPLICATE_FROM,
    });
    expect(found.map(({ id, duplicates }) => [id.slice(0, 2), duplicates.length])).toEqual([
      ['10', 2],
      ['20', 0],
      ['30', 1],
    ]);
    expect(found[0]?.similarity).toBeCloseTo(Math.cos((10 * Math.PI) / 180), 5);
  });

  it('requests more neighbours when duplicates crowd out everything else', async () => {
    const copies = Array.from({ length: 300 }, (_, n) => `5-${n}`);
    const index = circle([...copies, '40', '50']);
    const found = await distinctNeighbours({
      index,
      vector: north,
      wanted: 3,
      duplicateFrom: DUPLICATE_FROM,
    });
    expect(found.map(({ id, duplicates }) => [Number.parseFloat(id), duplicates.length])).toEqual([
      [5, 299],
      [40, 0],
      [50, 0],
    ]);
  });

  it('counts all duplicates that the index knows, however few neighbours it requested', async () => {
    const copies = Array.from({ length: 40 }, (_, n) => `10-${n}`);
    const query = {
      index: circle([...copies, '20']),
      vector: north,
      wanted: 1,
      duplicateFrom: DUPLICATE_FROM,
    };
    expect((await distinctNeighbours(query))[0]?.duplicates).toHaveLength(39);
  });

  it('returns fewer products than wanted when the index holds no more', async () => {
    const found = await distinctNeighbours({
      index: circle(['1', '2']),
      vector: north,
      wanted: 9,
      duplicateFrom: 0.99999,
    });
    expect(found).toHaveLength(2);
  });

  it('leaves out the item that is searched by, and its duplicates', async () => {
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
