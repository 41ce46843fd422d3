import { afterEach, describe, expect, it } from 'vitest';
import type { Classifier } from '../../src/embed/classifier.ts';
import type { Labels } from '../../src/inventory/item.ts';
import type { Source } from '../../src/inventory/sources/source.ts';
import { closeWorkshops, source, workshop } from './workshop.ts';

afterEach(closeWorkshops);

/** Tells reds from the rest: the first number of a colour's embedding is the larger, the redder it is. */
const classifier: Classifier = {
  labels: ['colour', 'usage'],
  classify: (embedding) => ({
    colour: { value: embedding[0]! > embedding[2]! ? 'Red' : 'Blue', probability: 0.9 },
    usage: { value: 'Casual', probability: 0.4 },
  }),
};

/** The same with labels that its records carry. */
function labelled(plain: Source, labels: Readonly<Record<string, Labels>>): Source {
  return {
    ...plain,
    async *records(...options) {
      for await (const record of plain.records(...options)) {
        yield record.kind === 'item'
          ? { ...record, item: { ...record.item, labels: labels[record.item.id] ?? {} } }
          : record;
      }
    },
  };
}

describe('labels that a source does not give', () => {
  const shop = () => source('shop', { a: '#e01020', b: '#1020e0' });

  it('are filled in and marked as predicted, those alone that are probable, and can be filtered by', async () => {
    const { reindexer, catalogue, serving } = await workshop({ classifier });
    await reindexer.run([labelled(shop(), { b: { colour: 'Navy Blue' } })]);
    expect(await catalogue.get('a')).toMatchObject({
      labels: {},
      predicted: { colour: { value: 'Red', probability: 0.9 } },
    });
    expect((await catalogue.get('a'))?.predicted).not.toHaveProperty('usage');
    // What a source says is never doubted.
    expect(await catalogue.get('b')).not.toHaveProperty('predicted');
    expect(await catalogue.get('b')).toMatchObject({ labels: { colour: 'Navy Blue' } });
    const index = serving.current()!;
    const vector = (await index.vector('b'))!;
    expect((await index.nearest(vector, 5, { colour: ['Red'] })).map(({ id }) => id)).toEqual(['a']);
    expect(index.labelCounts().get('colour')).toEqual(
      new Map([
        ['Red', 1],
        ['Navy Blue', 1],
      ]),
    );
  });

  it('are no change of the source, and give way to what it says later', async () => {
    const { reindexer, catalogue } = await workshop({ classifier });
    await reindexer.run([shop()]);
    expect(await reindexer.plan([shop()])).toMatchObject({ changed: 0, unchanged: 2 });
    expect(await reindexer.run([shop()])).toMatchObject({ changed: 0, unchanged: 2 });
    expect((await catalogue.get('a'))?.predicted).toEqual({ colour: { value: 'Red', probability: 0.9 } });
    const told = labelled(shop(), { a: { colour: 'Maroon' } });
    expect(await reindexer.run([told])).toMatchObject({ changed: 1, unchanged: 1 });
    expect(await catalogue.get('a')).toMatchObject({ labels: { colour: 'Maroon' } });
    expect(await catalogue.get('a')).not.toHaveProperty('predicted');
  });

  it('are not told again while picture and labels are the same, and all anew in full', async () => {
    let told = 0;
    const counting: Classifier = {
      ...classifier,
      classify(embedding) {
        told++;
        return classifier.classify(embedding);
      },
    };
    const { reindexer } = await workshop({ classifier: counting });
    await reindexer.run([shop()]);
    expect(told).toBe(2);
    await reindexer.run([shop()]);
    expect(told).toBe(2);
    await reindexer.run([source('shop', { a: '#e01020', b: '#20e010' })]);
    expect(told).toBe(3);
    await reindexer.run([shop()], { full: true });
    expect(told).toBe(5);
  });

  it('are added by a model that can tell them to what another left without, with no change counted', async () => {
    const before = await workshop();
    await before.reindexer.run([shop()]);
    const { path } = before.folder;
    await closeWorkshops();
    const after = await workshop({ path, classifier });
    expect(await after.reindexer.run([shop()])).toMatchObject({ changed: 0, unchanged: 2 });
    expect((await after.catalogue.get('b'))?.predicted).toEqual({
      colour: { value: 'Blue', probability: 0.9 },
    });
  });
});
